//! Which blocks can have entries that a query finds.
//!
//! The indexes hold tokens. A text that is found at token boundaries brings all its tokens with it, a prefix all but its
//! last, a regular expression those inside the text it requires, a field the tokens of its value or name. What the indexes cannot
//! tell is [`IndexQuery::All`]; so is every negation, for a block with the text may have entries without it.

use model::query::{Expr, Test, is_level_name, is_time_name, variable_place};

use super::pattern::{Pattern, required_texts};
use super::traced::trace_asked_for;
use crate::fold::fold;
use crate::ids::{as_half, byte_by_byte, half_hash, hash_beside_text, header_names, spellings_by_half};
use crate::tokenize::{
    DottedQuads, MAX_WORD_BYTES, for_each_token, hash_at, indexed_word, is_telling, is_token_byte, reads_as_time,
    token_hash, tokens,
};
use crate::values::{IDS_BESIDE_TEXT, KNOWS_IDS, MESSAGES_DIFFER, NAMES_DIFFER, VALUES_DIFFER, is_shown_as_written};

/// What the indexes are asked for. Names every block with a match, and perhaps others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexQuery {
    /// The indexes cannot tell: every block.
    All,
    Nothing,
    Token(Token),
    /// Blocks with a word in the word index that begins with this (folded) text; only the word index knows.
    Prefix(String),
    /// Blocks whose postings have not this mark.
    Without(u64),
    And(Vec<IndexQuery>),
    Or(Vec<IndexQuery>),
}

/// One token of the postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub hash: u64,
    /// The token itself if the word index has it too.
    pub word: Option<String>,
}

impl Token {
    fn new(folded: &str) -> Self {
        let in_word_index = indexed_word(folded.as_bytes()).is_some_and(|word| word.len() == folded.len());
        Self { hash: token_hash(folded.as_bytes()), word: in_word_index.then(|| folded.to_owned()) }
    }
}

pub fn plan(expr: &Expr) -> IndexQuery {
    match expr {
        Expr::All | Expr::Not(_) => IndexQuery::All,
        Expr::And(exprs) => and(exprs.iter().map(plan)),
        Expr::Or(exprs) => or(exprs.iter().map(plan)),
        Expr::Word(text) | Expr::Phrase(text) => whole(text),
        Expr::Prefix(text) => prefix(text),
        Expr::Regex(expression) => pattern(expression),
        Expr::Field { name, test } => match trace_asked_for(name, test) {
            Some(id) => of_trace(name, id),
            None => field(name, test),
        },
    }
}

/// An id in each of its notations, its lower half, and those that it is the lower half of.
fn of_trace(name: &str, id: &str) -> IndexQuery {
    let written = spellings_by_half(id).into_iter().map(|id| field(name, &Test::Is(id)));
    let wholes = as_half(id).map(|half| IndexQuery::Token(Token { hash: half_hash(half.as_bytes()), word: None }));
    let mut all = or(written.chain(wholes));
    if let IndexQuery::Or(parts) = &mut all {
        // What asks for marks, and for names of headers, is the same in each notation.
        let mut known: Vec<IndexQuery> = Vec::new();
        for part in std::mem::take(parts) {
            if !known.contains(&part) {
                known.push(part);
            }
        }
        *parts = known;
    }
    all
}

/// Blocks that may have the id, or its lower half, in any notation, where text of other letters stands beside it without a space. Those of
/// earlier builds that do not know it are left out: all of them would have to be looked through for each request.
pub fn ids_beside_text(id: &str) -> IndexQuery {
    or(spellings_by_half(id).into_iter().map(|id| beside_text(&Test::Is(id))))
}

/// The token to count, where a query is nothing but one token: the postings' numbers of entries are then the answer.
pub fn count_plan(expr: &Expr) -> Option<Token> {
    let (Expr::Word(text) | Expr::Phrase(text)) = expr else { return None };
    let is_token = !text.is_empty() && text.bytes().all(is_token_byte);
    is_token.then(|| Token::new(&fold(text)))
}

fn and(queries: impl Iterator<Item = IndexQuery>) -> IndexQuery {
    let mut parts = Vec::new();
    for query in queries {
        match query {
            IndexQuery::All => {}
            IndexQuery::Nothing => return IndexQuery::Nothing,
            IndexQuery::And(more) => parts.extend(more),
            one => parts.push(one),
        }
    }
    match parts.len() {
        0 => IndexQuery::All,
        1 => parts.remove(0),
        _ => IndexQuery::And(parts),
    }
}

fn or(queries: impl Iterator<Item = IndexQuery>) -> IndexQuery {
    let mut parts = Vec::new();
    for query in queries {
        match query {
            IndexQuery::Nothing => {}
            IndexQuery::All => return IndexQuery::All,
            IndexQuery::Or(more) => parts.extend(more),
            one => parts.push(one),
        }
    }
    match parts.len() {
        0 => IndexQuery::Nothing,
        1 => parts.remove(0),
        _ => IndexQuery::Or(parts),
    }
}

/// Tokens and dotted quads of folded text.
fn all_tokens(folded: &str) -> IndexQuery {
    let text = folded.as_bytes();
    let (mut quads, mut parts) = (DottedQuads::default(), Vec::new());
    for_each_token(text, |start, end| {
        parts.push(IndexQuery::Token(Token::new(&folded[start..end])));
        if let Some(start) = quads.push(text, start, end) {
            parts.push(IndexQuery::Token(Token { hash: hash_at(text, start, end), word: None }));
        }
    });
    and(parts.into_iter())
}

fn whole(text: &str) -> IndexQuery {
    // Stamps are not indexed.
    if reads_as_time(text) { IndexQuery::All } else { all_tokens(&fold(text)) }
}

fn prefix(text: &str) -> IndexQuery {
    if reads_as_time(text) {
        return IndexQuery::All;
    }
    let folded = fold(text);
    let n_open = folded.bytes().rev().take_while(|&byte| is_token_byte(byte)).count();
    let (closed, open) = folded.split_at(folded.len() - n_open);
    and([all_tokens(closed), word_prefix(open)].into_iter())
}

/// Words of the word index that a token beginning with `open` must have left there.
fn word_prefix(open: &str) -> IndexQuery {
    let n_letters = open.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(open.len());
    let mut n = n_letters.min(MAX_WORD_BYTES);
    while !open.is_char_boundary(n) {
        n -= 1;
    }
    let head = &open[..n];
    if is_telling(head.as_bytes()) { IndexQuery::Prefix(head.to_owned()) } else { IndexQuery::All }
}

fn pattern(expression: &str) -> IndexQuery {
    match required_texts(expression) {
        // The matcher leaves it out, so that nothing is known.
        Some(_) if Pattern::new(expression).is_err() => IndexQuery::All,
        Some(required) if !required.without_lookalikes => {
            or(required.literals.iter().map(|literal| and(inner_words(literal))))
        }
        _ => IndexQuery::All,
    }
}

/// The tokens of a text found anywhere, stamps included, that are certain to be indexed: not at its edges, where they may go
/// on, and none that a stamp may hold.
fn inner_words(literal: &str) -> impl Iterator<Item = IndexQuery> {
    /// No zone that a stamp spells is as long, nor a month or weekday, save those that begin like these.
    const MIN_BYTES: usize = 5;
    const IN_STAMPS: [&str; 16] = [
        "janu", "febr", "marc", "apri", "augu", "sept", "octo", "nove", "dece", "sund", "mond", "tues", "wedn", "thur",
        "frid", "satu",
    ];
    let is_inner = move |token: &&str| {
        let at = token.as_ptr() as usize - literal.as_ptr() as usize;
        // Behind these it may be the end of a colour sequence.
        let before = at.checked_sub(1).map(|before| literal.as_bytes()[before]);
        before.is_some_and(|byte| !matches!(byte, b'[' | b';' | b'?')) && at + token.len() < literal.len()
    };
    let is_indexed = |token: &&str| {
        let is_stamp_word = IN_STAMPS.iter().any(|begin| token.starts_with(begin));
        token.len() >= MIN_BYTES && token.bytes().all(|byte| byte.is_ascii_lowercase()) && !is_stamp_word
    };
    tokens(literal).into_iter().filter(is_inner).filter(is_indexed).map(|token| IndexQuery::Token(Token::new(token)))
}

/// The tokens of the value, or of the name where the test says nothing of the value; or any block in which those may not
/// be tokens of the text.
fn field(name: &str, test: &Test) -> IndexQuery {
    let is_column = is_level_name(name)
        || is_time_name(name)
        || ["service", "source", "format", "template"].iter().any(|column| name.eq_ignore_ascii_case(column))
        // Templates may cut values out of tokens, or out of the stamp; the templates of blocks tell more.
        || variable_place(name).is_some();
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let value_mark = if is("message") { MESSAGES_DIFFER } else { VALUES_DIFFER };
    let (tokens, mark_of_test) = match test {
        // What is wrong with an id stands nowhere.
        _ if is_column || is("malformed_id") => return IndexQuery::All,
        Test::Is(text) => (all_tokens(&fold(text)), value_mark),
        Test::Equals(text) if is_shown_as_written(text) => (all_tokens(&fold(text)), value_mark),
        Test::StartsWith(text) => {
            let folded = fold(text);
            let n_open = folded.bytes().rev().take_while(|&byte| is_token_byte(byte)).count();
            let (closed, open) = folded.split_at(folded.len() - n_open);
            (and([all_tokens(closed), word_prefix(open)].into_iter()), value_mark)
        }
        // The matcher leaves it out, so that nothing is known.
        Test::Matches(expression) if Pattern::new(expression).is_err() => return IndexQuery::All,
        // These are read from keys of several names.
        _ if is("message") || is("trace") || is("trace_id") || is("span_id") => return IndexQuery::All,
        Test::Exists | Test::Equals(_) | Test::Matches(_) | Test::Within(_) | Test::Compare(..) => {
            (all_tokens(&fold(name.rsplit('.').next().unwrap_or(name))), NAMES_DIFFER)
        }
    };
    let mark = |hash| IndexQuery::Token(Token { hash, word: None });
    // The id of a request may stand in a field or in the message, or byte by byte in a header.
    let other = is("trace").then(|| {
        or([mark(MESSAGES_DIFFER), in_header(test), beside_text(test), IndexQuery::Without(KNOWS_IDS)].into_iter())
    });
    or([tokens, mark(mark_of_test)].into_iter().chain(other))
}

/// The bytes of an id, and the name of a header: the numbers are in many blocks, these names in few.
fn in_header(test: &Test) -> IndexQuery {
    let (Test::Is(id) | Test::Equals(id) | Test::StartsWith(id)) = test else { return IndexQuery::Nothing };
    let Some([_, bytes]) = byte_by_byte(id) else { return IndexQuery::Nothing };
    and([or(header_names().map(all_tokens)), all_tokens(&bytes)].into_iter())
}

/// The tokens of an id of which the first, the last or both are in one token with text of other letters.
fn beside_text(test: &Test) -> IndexQuery {
    let (Test::Is(id) | Test::Equals(id) | Test::StartsWith(id)) = test else { return IndexQuery::Nothing };
    let folded = fold(id);
    if !folded.is_ascii() {
        return IndexQuery::Nothing;
    }
    let all = tokens(&folded);
    let is_open = matches!(test, Test::StartsWith(_)) && folded.bytes().next_back().is_some_and(is_token_byte);
    // What an id goes on with is not known.
    let known = if is_open { &all[..all.len() - 1] } else { &all[..] };
    let beside = |token: &str| IndexQuery::Token(Token { hash: hash_beside_text(token.as_bytes()), word: None });
    // Most blocks have none.
    let some = IndexQuery::Token(Token { hash: IDS_BESIDE_TEXT, word: None });
    if let ([token], false) = (known, is_open) {
        return and([some, beside(token)].into_iter());
    }
    let last = all.len().saturating_sub(1);
    let of_id = known.iter().enumerate().map(|(at, token)| {
        let whole = IndexQuery::Token(Token::new(token));
        if at == 0 || at == last { or([whole, beside(token)].into_iter()) } else { whole }
    });
    and(std::iter::once(some).chain(of_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn show(query: &IndexQuery, names: &[&str]) -> String {
        let list = |queries: &[IndexQuery], sign: &str| {
            let parts: Vec<String> = queries.iter().map(|query| show(query, names)).collect();
            format!("({})", parts.join(sign))
        };
        match query {
            IndexQuery::All => "all".into(),
            IndexQuery::Nothing => "nothing".into(),
            IndexQuery::Prefix(text) => format!("{text}*"),
            IndexQuery::Without(mark) => format!("without {}", mark >> 16),
            IndexQuery::And(queries) => list(queries, " & "),
            IndexQuery::Or(queries) => list(queries, " | "),
            IndexQuery::Token(Token { word: Some(word), .. }) => word.clone(),
            IndexQuery::Token(Token { hash: VALUES_DIFFER, .. }) => "?".into(),
            IndexQuery::Token(Token { hash: NAMES_DIFFER, .. }) => "name?".into(),
            IndexQuery::Token(Token { hash: MESSAGES_DIFFER, .. }) => "message?".into(),
            IndexQuery::Token(Token { hash: IDS_BESIDE_TEXT, .. }) => "text".into(),
            IndexQuery::Token(Token { hash, .. }) => {
                let named = |of: fn(&[u8]) -> u64| names.iter().find(|name| of(name.as_bytes()) == *hash);
                let whole = named(token_hash).map(|name| format!("#{name}"));
                let beside = || named(hash_beside_text).map(|name| format!("…#{name}…"));
                whole.or_else(beside).expect("a name for the hash")
            }
        }
    }

    fn check(query: &str, expected: Expect) {
        let (expr, _) = model::query::parse(query);
        expected.assert_eq(&show(&plan(&expr), &["10", "0", "3", "7", "10.0.3.7", "4bf92f35", "238"]));
    }

    #[test]
    fn texts_bring_their_tokens() {
        check("Timeout 10", expect!["(timeout & #10)"]);
        check("10.0.3.7", expect!["(#10 & #0 & #3 & #7 & #10.0.3.7)"]);
        check("\"connection -> reset\" OR x", expect!["((connection & reset) | x)"]);
        check("-foo", expect!["all"]);
        check("bar -foo", expect!["bar"]);
        check("10:23", expect!["all"]);
    }

    #[test]
    fn a_prefix_asks_for_words_if_it_tells_something() {
        check("time*", expect!["time*"]);
        check("needle238*", expect!["needle*"]);
        check("dead*", expect!["all"]);
        check("api/v*", expect!["api"]);
        check("10.0.3*", expect!["(#10 & #0)"]);
    }

    #[test]
    fn an_expression_brings_the_words_inside_its_text() {
        check("/connection reset by peer/", expect!["reset"]);
        check("/by (?:remote|other) side/", expect!["all"]);
        check("/x refused y|(a denied b)+/", expect!["(denied | refused)"]);
        check(r"/\[failed now|a;denied b/", expect!["all"]);
        check("/on Monday morning at/", expect!["morning"]);
        check(r"/x refused \w{5000}/", expect!["all"]);
    }

    #[test]
    fn a_field_brings_its_value_or_name_or_blocks_where_they_are_written_otherwise() {
        check("trace_id:4bf92f35", expect!["(#4bf92f35 | ?)"]);
        let (names, bytes) = (
            "(#b3 | traceparent | (uber & trace & id) | (x & amzn & trace & id))",
            "#52 & #98 & #102 & #57 & #50 & #102 & #51 & #53",
        );
        let (expr, _) = model::query::parse("trace:4bf92f35");
        let written = ["4bf92f35", "b3", "52", "98", "102", "57", "50", "51", "53"];
        assert_eq!(
            show(&plan(&expr), &written),
            format!("(#4bf92f35 | ? | message? | ({names} & {bytes}) | (text & …#4bf92f35…) | without 5)")
        );
        // Of a trace in another notation, of its half, and of those that it is the half of.
        let named = |id: &str| {
            let (expr, _) = model::query::parse(&format!("trace:{id}"));
            let IndexQuery::Or(parts) = plan(&expr) else { panic!("one of several for {id}") };
            move |part: &IndexQuery| parts.contains(part)
        };
        let token = |text: &str| IndexQuery::Token(Token::new(text));
        let (whole, half) = ("4bf92f3577b34da6a3ce929d0e0e4736", "a3ce929d0e0e4736");
        let of_wholes = IndexQuery::Token(Token { hash: half_hash(half.as_bytes()), word: None });
        let is_named = named(whole);
        assert!(is_named(&token(whole)) && is_named(&token(half)) && !is_named(&of_wholes));
        let is_named = named(half);
        assert!(is_named(&token(half)) && is_named(&of_wholes) && !is_named(&token(whole)));
        assert!(is_named(&IndexQuery::Without(KNOWS_IDS)));
        check("trace:*", expect!["all"]);
        check("http.status>=500", expect!["(status | name?)"]);
        check("user:*", expect!["(user | name?)"]);
        check("span_id:*", expect!["all"]);
        check("level:error", expect!["all"]);
        check("time>=2026-11-20", expect!["all"]);
    }

    #[test]
    fn only_a_query_of_one_token_is_counted_by_the_postings() {
        let counts = |query: &str| count_plan(&model::query::parse(query).0).is_some();
        assert!(counts("timeout") && counts("\"Timeout\"") && counts("id_42"));
        assert!(!counts("a b") && !counts("10.0") && !counts("time*") && !counts("-a") && !counts(""));
    }
}
