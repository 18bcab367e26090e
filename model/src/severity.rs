//! Severity after the OpenTelemetry log data model: numbers 1–24 in six bands, 0 where the entry states none.
//! <https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber>

use serde::{Deserialize, Serialize};

/// SeverityNumber, 0 (unspecified) to 24.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Severity(pub u8);

/// The six bands of four numbers each, and "none stated". Charts stack in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Band {
    #[default]
    Unspecified = 0,
    Trace = 1,
    Debug = 2,
    Info = 3,
    Warn = 4,
    Error = 5,
    Fatal = 6,
}

pub const N_BANDS: usize = 7;

pub const BANDS: [Band; N_BANDS] =
    [Band::Unspecified, Band::Trace, Band::Debug, Band::Info, Band::Warn, Band::Error, Band::Fatal];

impl Severity {
    pub const UNSPECIFIED: Self = Self(0);
    pub const TRACE: Self = Self(1);
    pub const DEBUG: Self = Self(5);
    pub const INFO: Self = Self(9);
    /// Syslog "notice" in OpenTelemetry's mapping.
    pub const INFO2: Self = Self(10);
    pub const WARN: Self = Self(13);
    pub const ERROR: Self = Self(17);
    /// Syslog "critical" in OpenTelemetry's mapping.
    pub const ERROR2: Self = Self(18);
    /// Syslog "alert" in OpenTelemetry's mapping.
    pub const ERROR3: Self = Self(19);
    pub const FATAL: Self = Self(21);

    pub fn band(self) -> Band {
        match self.0 {
            1..=4 => Band::Trace,
            5..=8 => Band::Debug,
            9..=12 => Band::Info,
            13..=16 => Band::Warn,
            17..=20 => Band::Error,
            21..=24 => Band::Fatal,
            _ => Band::Unspecified,
        }
    }
}

impl Band {
    /// One letter, shown beside the colour.
    pub fn letter(self) -> char {
        match self {
            Self::Unspecified => '·',
            Self::Trace => 'T',
            Self::Debug => 'D',
            Self::Info => 'I',
            Self::Warn => 'W',
            Self::Error => 'E',
            Self::Fatal => 'F',
        }
    }

    /// Lower-case name, as queries spell it ("warn").
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "none",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The lowest severity of this band.
    pub fn lowest(self) -> Severity {
        match self {
            Self::Unspecified => Severity(0),
            band => Severity((band as u8 - 1) * 4 + 1),
        }
    }

    /// The highest severity of this band.
    pub fn highest(self) -> Severity {
        match self {
            Self::Unspecified => Severity(0),
            band => Severity(band as u8 * 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_belongs_to_the_band_whose_lowest_is_not_above_it() {
        for number in 0..=24 {
            let severity = Severity(number);
            assert!(severity.band().lowest() <= severity);
            assert!(severity.band().highest() >= severity);
            assert!(severity.0 - severity.band().lowest().0 < 4);
        }
    }
}
