//! The numbers of a block's entries whose size means something: latencies, counts, bytes; not those that only name things.

use crate::block::{Columns, Corrupt};
use crate::fields::{BlockFields, Kept, Kinds, Values};

/// Numbers by these names say who or where, not how much.
const NAMES: &[&str] = &["id", "pid", "tid", "thread", "port", "line", "uid", "gid", "user", "index", "seq", "version"];

/// Calls `each` with the field's name, the entry's place in the block, and the number.
pub fn each_measure(
    fields: &BlockFields,
    columns: &Columns,
    each: &mut dyn FnMut(&str, usize, f64),
) -> Result<(), Corrupt> {
    for head in fields.heads()? {
        if head.kinds != Kinds::NUMBER || !is_measure(head.name) {
            continue;
        }
        match (&head.kept, fields.values(&head, columns)?) {
            (Kept::Numbers { form, .. }, Values::Numbers(numbers)) => {
                numbers.into_iter().for_each(|(entry, number)| each(head.name, entry as usize, form.number(number)));
            }
            (Kept::Few(known), Values::Few(places)) => {
                let numbers: Vec<Option<f64>> = known.iter().map(|known| known.text.parse().ok()).collect();
                for (entry, &place) in places.iter().enumerate().filter(|(_, place)| **place > 0) {
                    if let Some(number) = numbers[usize::from(place) - 1] {
                        each(head.name, entry, number);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_measure(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_camel_id = name.ends_with("Id") || name.ends_with("ID");
    !is_camel_id && !words.into_iter().any(|word| NAMES.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_name_things_are_no_measures() {
        assert!(["duration_ms", "bytes", "http.response.size", "activeConnections"].into_iter().all(is_measure));
        assert!(!["thread", "order_id", "orderId", "process.pid", "server-port"].into_iter().any(is_measure));
    }
}
