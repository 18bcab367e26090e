//! What a survey says, in sentences.

use model::language::retold;
use model::source::{RAW_FORMAT, ReadAs, ServiceRule, SourceState, Survey, TIME_FORMATS};
use model::{counted, say};

use super::offset;
use crate::wording;

/// `nginx access 95 %, JSON 4 %, not read 1 %`. `chosen`: the format that the user chose, if one.
pub fn formats(survey: &Survey, chosen: Option<&str>) -> String {
    let share = |share: &model::source::FormatShare| {
        let title = if is_all_raw(survey) || share.name != RAW_FORMAT { &*share.title } else { say!("not read") };
        format!("{title} {}", percent(share.n_lines, survey.n_lines))
    };
    match &*survey.formats {
        [] => say!("none yet").to_owned(),
        [only] if only.name == RAW_FORMAT && !matches!(chosen, None | Some(RAW_FORMAT)) => say!("not read").to_owned(),
        [only] => only.title.clone(),
        all => all.iter().map(share).collect::<Vec<_>>().join(", "),
    }
}

/// Why there is nothing to see of a source.
pub fn why_empty(state: &SourceState) -> String {
    match state {
        SourceState::Skipped { reason } | SourceState::Failed { reason } => retold(reason),
        SourceState::Complete => say!("The file has no lines.").to_owned(),
        SourceState::Opened => say!("It is an archive: the files in it are sources of their own.").to_owned(),
        SourceState::Stopped => say!("It was stopped before anything was read.").to_owned(),
        _ => say!("Nothing was read yet.").to_owned(),
    }
}

/// How far the formats of a source with lines can be trusted; `chosen`: the format that the user chose, if one.
pub fn how_sure(survey: &Survey, chosen: Option<&str>) -> String {
    let (n_unread, n_lines) = (n_unread(survey), survey.n_lines);
    let by = if chosen.is_some() { say!("Chosen by you") } else { say!("Found by evidence") };
    if is_all_raw(survey) {
        let why = match chosen {
            Some(RAW_FORMAT) => say!("each line is an entry"),
            Some(_) => say!("the format reads none of the lines, so each is an entry"),
            None => say!("no format reads it, so each line is an entry"),
        };
        return format!("{by}: {why}.");
    }
    let n_time_only = n_time_only(survey);
    if n_time_only + n_unread == n_lines {
        let rest = match n_unread {
            0 => say!("in every entry").to_owned(),
            n => say!("in all but {}", counted!(n, "line", "lines")),
        };
        return say!("{by}: a time was found {rest}, but no format that knows the other parts.", by, rest);
    }
    let sure = match (n_unread + n_time_only) * 100 / n_lines.max(1) {
        0 if n_unread + n_time_only == 0 => say!("certain: every line was read"),
        0 => say!("nearly certain"),
        1..10 => say!("likely"),
        _ => say!("doubtful"),
    };
    let mut said = Vec::new();
    if n_unread > 0 {
        said.push(counted!(n_unread, "line was not read", "lines were not read"));
    }
    if n_time_only > 0 {
        said.push(counted!(n_time_only, "line was read for the time only", "lines were read for the time only"));
    }
    match &*said {
        [] => format!("{by}, {sure}."),
        said => format!("{by}, {sure}: {}.", said.join(", ")),
    }
}

/// What the stamps leave open, and how that was settled.
pub fn stamps(survey: &Survey, read_as: &ReadAs, workspace_zone: &str) -> String {
    let mut said = Vec::new();
    match (survey.n_stamped, survey.n_zoneless) {
        (0, _) => said.push(say!("No entry has a time: they are ordered by the file's date.").to_owned()),
        (_, 0) => said.push(say!("Every time names its zone.").to_owned()),
        (n_stamped, n_zoneless) => {
            let which = if n_zoneless == n_stamped {
                say!("No time names its zone").to_owned()
            } else {
                say!("{} of {} times name no zone", wording::count(n_zoneless), wording::count(n_stamped))
            };
            said.push(match &read_as.zone {
                Some(zone) => say!("{which}: read as {}, this source's own.", which, zone.name),
                None => say!("{which}: read as {workspace_zone}, the workspace's.", which, workspace_zone),
            });
        }
    }
    if survey.n_yearless > 0 {
        said.push(say!("The year is inferred from the file's date.").to_owned());
    }
    if survey.n_dateless > 0 {
        said.push(say!("The day is inferred from the file's name, its date, or the entries around it.").to_owned());
    }
    if read_as.offset_nanos != 0 {
        said.push(say!("All are moved by {}.", offset::write(read_as.offset_nanos)));
    }
    said.join(" ")
}

/// `cart (from the file's name)`, or the most frequent ones.
pub fn services(survey: &Survey) -> String {
    let rule = |rule| match rule {
        ServiceRule::Entry => say!("named in the entries"),
        ServiceRule::File => say!("from the file's name"),
        ServiceRule::Folder => say!("from the folder's name"),
    };
    let all: Vec<_> = survey.services.iter().map(|share| format!("{} ({})", share.name, rule(share.rule))).collect();
    let n_more = survey.n_services.saturating_sub(all.len() as u64);
    match n_more {
        0 => all.join(", "),
        n => say!("{} and {} more", all.join(", "), wording::count(n)),
    }
}

/// Lines that no format read.
pub fn n_unread(survey: &Survey) -> u64 {
    survey.formats.iter().find(|share| share.name == RAW_FORMAT).map_or(0, |share| share.n_lines)
}

/// Lines of which no format knows more than where the time is.
fn n_time_only(survey: &Survey) -> u64 {
    survey.formats.iter().filter(|share| TIME_FORMATS.contains(&&*share.name)).map(|share| share.n_lines).sum()
}

fn is_all_raw(survey: &Survey) -> bool {
    survey.formats.len() == 1 && survey.formats[0].name == RAW_FORMAT
}

/// `read_as` as one would say it: `JSON lines, times in Europe/Berlin, moved by +2 h`. `title`: of its format.
pub fn said(read_as: &ReadAs, title: &str) -> String {
    let mut parts = vec![title.to_owned()];
    parts.extend(read_as.encoding.map(|encoding| say!("as {}", encoding.name())));
    parts.extend(read_as.zone.as_ref().map(|zone| say!("times in {}", zone.name)));
    if read_as.offset_nanos != 0 {
        parts.push(say!("moved by {}", offset::write(read_as.offset_nanos)));
    }
    parts.join(", ")
}

/// To the nearest whole one, so that together they are as good as all; what is not all never says so.
fn percent(part: u64, whole: u64) -> String {
    match (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole.max(1)) {
        0 if part > 0 => "under 1 %".to_owned(),
        100.. if part < whole => "99 %".to_owned(),
        n => format!("{n} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::source::{FormatShare, ServiceShare};
    use model::time::Zone;

    fn survey(shares: &[(&str, u64)]) -> Survey {
        let share = |&(name, n_lines): &(&str, u64)| FormatShare { name: name.into(), title: name.into(), n_lines };
        let n_lines = shares.iter().map(|(_, n)| n).sum();
        Survey { n_lines, formats: shares.iter().map(share).collect(), ..Survey::default() }
    }

    #[test]
    fn how_sure_it_is_follows_from_what_was_not_read() {
        for (shares, words) in [
            (&[("json", 10)][..], "Found by evidence, certain: every line was read."),
            (&[("json", 999), ("raw", 1)], "Found by evidence, nearly certain: 1 line was not read."),
            (&[("json", 60), ("raw", 40)], "Found by evidence, doubtful: 40 lines were not read."),
            (&[("raw", 3)], "Found by evidence: no format reads it, so each line is an entry."),
            (
                &[("timestamp", 3)],
                "Found by evidence: a time was found in every entry, but no format that knows the other parts.",
            ),
            (&[("syslog", 3), ("timestamp", 1)], "Found by evidence, doubtful: 1 line was read for the time only."),
        ] {
            assert_eq!(how_sure(&survey(shares), None), words);
        }
        assert_eq!(formats(&survey(&[("json", 999), ("raw", 1)]), None), "json 99 %, not read under 1 %");
        assert_eq!(formats(&survey(&[("json", 988), ("raw", 12)]), None), "json 99 %, not read 1 %");
    }

    #[test]
    fn a_chosen_format_that_reads_nothing_is_not_called_plain_text() {
        let raw = survey(&[("raw", 3)]);
        assert_eq!((&*formats(&raw, Some("raw")), &*formats(&raw, Some("nginx"))), ("raw", "not read"));
        assert_eq!(how_sure(&raw, Some("raw")), "Chosen by you: each line is an entry.");
        let said = "Chosen by you: the format reads none of the lines, so each is an entry.";
        assert_eq!(how_sure(&raw, Some("nginx")), said);
    }

    #[test]
    fn what_is_empty_says_why() {
        let skipped = SourceState::Skipped { reason: "This is a binary file, not a log.".into() };
        assert_eq!(why_empty(&skipped), "This is a binary file, not a log.");
        assert_eq!(why_empty(&SourceState::Complete), "The file has no lines.");
        assert_eq!(why_empty(&SourceState::Waiting), "Nothing was read yet.");
    }

    #[test]
    fn what_stamps_leave_open_is_said_with_how_it_was_settled() {
        let mut survey = survey(&[("syslog", 10)]);
        (survey.n_stamped, survey.n_zoneless, survey.n_yearless) = (10, 10, 10);
        let read_as = ReadAs { zone: Some(Zone::fixed(3600)), offset_nanos: -1_500_000_000, ..ReadAs::default() };
        assert_eq!(
            stamps(&survey, &read_as, "UTC"),
            "No time names its zone: read as +01:00, this source's own. The year is inferred from the file's date. \
             All are moved by -1.5 s."
        );
        survey.n_zoneless = 4;
        survey.n_yearless = 0;
        assert_eq!(
            stamps(&survey, &ReadAs::default(), "UTC"),
            "4 of 10 times name no zone: read as UTC, the workspace's."
        );
    }

    #[test]
    fn a_service_is_named_with_the_rule_that_gave_it() {
        let share = |name: &str, rule| ServiceShare { name: name.into(), n_entries: 1, rule };
        let survey = Survey {
            services: vec![share("cart", ServiceRule::Entry), share("app", ServiceRule::File)],
            n_services: 9,
            ..Survey::default()
        };
        assert_eq!(services(&survey), "cart (named in the entries), app (from the file's name) and 7 more");
    }
}
