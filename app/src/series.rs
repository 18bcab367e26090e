//! Colours for what has no order: services, sources. `.series-0` to `.series-7` in the style sheet, the last for what is none of them.

/// Further ones begin anew.
pub const N_COLOURS: u32 = 7;

/// Of what is numbered: as many neighbours as there are colours differ.
pub fn class_of_number(number: u32) -> String {
    format!("series-{}", number % N_COLOURS)
}

/// The same value, a service's name or any other, has the same colour wherever it occurs.
pub fn class_of_value(value: &str) -> String {
    if value.is_empty() {
        return format!("series-{N_COLOURS}");
    }
    // FNV-1a
    let hash = value.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    class_of_number(hash)
}
