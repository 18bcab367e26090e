//! The FTS5 tokenizer of the word index: the cutting was done before (`analysis::tokenize`), here tokens pass through.
//!
//! A document is a list of tokens, each preceded by its length in one byte. A query text is one token.

use std::os::raw::{c_char, c_int, c_void};

use rusqlite::{Connection, ffi};

use super::error::Result;

type EmitToken = unsafe extern "C" fn(*mut c_void, c_int, *const c_char, c_int, c_int, c_int) -> c_int;

/// Makes the tokenizer known to `connection` under the name `pass_through`.
pub fn register(connection: &Connection) -> Result<()> {
    let mut tokenizer = ffi::fts5_tokenizer { xCreate: Some(create), xDelete: Some(delete), xTokenize: Some(tokenize) };
    let mut statement = std::ptr::null_mut();
    let mut api: *mut ffi::fts5_api = std::ptr::null_mut();
    // SAFETY: the handle is open for as long as `connection` lives. The documented way to FTS5's interface: bind a
    // pointer to a pointer that the function `fts5` fills in during the step; both outlive the statement. The
    // tokenizer struct is copied by xCreateTokenizer.
    let code = unsafe {
        let db = connection.handle();
        let mut code =
            ffi::sqlite3_prepare_v2(db, c"SELECT fts5(?1)".as_ptr(), -1, &mut statement, std::ptr::null_mut());
        if code == ffi::SQLITE_OK {
            let slot = (&raw mut api).cast::<c_void>();
            ffi::sqlite3_bind_pointer(statement, 1, slot, c"fts5_api_ptr".as_ptr(), None);
            ffi::sqlite3_step(statement);
            code = ffi::sqlite3_finalize(statement);
        }
        if code == ffi::SQLITE_OK && !api.is_null() {
            let create_tokenizer = (*api).xCreateTokenizer.expect("every FTS5 has xCreateTokenizer");
            code = create_tokenizer(api, c"pass_through".as_ptr(), std::ptr::null_mut(), &mut tokenizer, None);
        }
        code
    };
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()),
    }
}

/// The tokenizer has no state; FTS5 only wants a pointer that is not null.
unsafe extern "C" fn create(
    _context: *mut c_void,
    _arguments: *mut *const c_char,
    _n_arguments: c_int,
    out: *mut *mut ffi::Fts5Tokenizer,
) -> c_int {
    // SAFETY: FTS5 hands over a valid place for the pointer; it is never dereferenced, only passed back to us.
    unsafe { *out = std::ptr::NonNull::dangling().as_ptr() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_tokenizer: *mut ffi::Fts5Tokenizer) {}

unsafe extern "C" fn tokenize(
    _tokenizer: *mut ffi::Fts5Tokenizer,
    context: *mut c_void,
    flags: c_int,
    text: *const c_char,
    n_bytes: c_int,
    emit: Option<EmitToken>,
) -> c_int {
    let (Some(emit), Ok(n_bytes)) = (emit, usize::try_from(n_bytes)) else {
        return ffi::SQLITE_OK;
    };
    if text.is_null() || n_bytes == 0 {
        return ffi::SQLITE_OK;
    }
    // SAFETY: FTS5 guarantees `n_bytes` readable bytes at `text` during this call.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), n_bytes) };
    if flags & ffi::FTS5_TOKENIZE_QUERY != 0 {
        // SAFETY: FTS5's own callback with its own context; it copies the token.
        return unsafe { emit(context, 0, text, bytes.len() as c_int, 0, bytes.len() as c_int) };
    }
    let mut rest = bytes;
    while let Some((&length, after)) = rest.split_first() {
        let (token, next) = after.split_at(usize::from(length).min(after.len()));
        // SAFETY: as above; `token` lies within `bytes`. Offsets are of no use without column contents.
        let code = unsafe { emit(context, 0, token.as_ptr().cast(), token.len() as c_int, 0, 0) };
        if code != ffi::SQLITE_OK {
            return code;
        }
        rest = next;
    }
    ffi::SQLITE_OK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_given_with_their_lengths_are_found_whole_and_by_prefix() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection
            .execute_batch(
                "CREATE VIRTUAL TABLE w USING fts5(t, content='', columnsize=0, detail=none, tokenize='pass_through')",
            )
            .unwrap();
        for (id, words) in [(1, b"\x07timeout\x02db".as_slice()), (2, b"\x04time"), (3, "\x07größe".as_bytes())] {
            connection.execute("INSERT INTO w(rowid, t) VALUES (?1, ?2)", (id, words)).unwrap();
        }
        let find = |query: &str| -> Vec<i64> {
            let mut statement = connection.prepare("SELECT rowid FROM w WHERE w MATCH ?1").unwrap();
            statement.query_map([query], |row| row.get(0)).unwrap().map(|id| id.unwrap()).collect()
        };
        assert_eq!(find("\"timeout\""), [1]);
        assert_eq!(find("\"time\""), [2]);
        assert_eq!(find("\"time\"*"), [1, 2]);
        assert_eq!(find("\"größ\"*"), [3]);
        assert_eq!(find("\"timeout\" AND \"db\""), [1]);
    }
}
