//! What single bytes are in messages.

/// Classes of bytes, by which most words are told from values at a glance.
pub const DIGIT: u8 = 1;
pub const DOT: u8 = 2;
pub const COLON: u8 = 4;
pub const SIGN: u8 = 8;
pub const SPACE: u8 = 16;

pub fn is_space(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7F
}

/// Bytes at which a piece of a token ends.
pub fn is_delimiter(byte: u8) -> bool {
    DELIMITERS[usize::from(byte)]
}

const DELIMITERS: [bool; 256] = {
    let mut delimiters = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        delimiters[byte] = is_inner_sign(byte as u8) || byte <= 0x20 || byte == 0x7F;
        byte += 1;
    }
    delimiters
};

const fn is_inner_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'=' | b':'
            | b','
            | b';'
            | b'('
            | b')'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
            | b'"'
            | b'\''
            | b'|'
            | b'#'
            | b'@'
            | b'&'
            | b'!'
            | b'?'
            | b'*'
            | b'/'
            | b'\\'
            | b'~'
            | b'^'
            | b'`'
    )
}

/// 0 for letters and what joins them.
pub const CLASSES: [u8; 256] = {
    let mut classes = [SIGN; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b',' | b'!' | 0x80.. => 0,
            b'0'..=b'9' => DIGIT,
            b'.' => DOT,
            b':' => COLON,
            ..=b' ' | 0x7F => SPACE,
            _ => SIGN,
        };
        byte += 1;
    }
    classes
};
