//! The requests of a workspace: each with all of its entries, whatever part of it was searched for.

use analysis::ids::half_hash;
use analysis::values::KNOWS_IDS;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, Count};
use model::requests::{RequestOrder, Requests, RequestsAsk};
use model::scope::Order;
use model::source::SourceState;
use model::trace::TraceAsk;

use crate::incidents::with_samples;
use crate::workspace::{Workspace, blocks_of, filter};

fn requests(workspace: &mut Workspace, query: &str, order: RequestOrder, took: Option<(i64, i64)>) -> Requests {
    let ask = RequestsAsk { filter: filter(query, Order::OldestFirst), order, took, n_shown: 50 };
    match workspace.ask(Ask::Requests(ask)) {
        Ok(Answer::Requests(found)) => *found,
        other => panic!("no requests: {other:?}"),
    }
}

/// Beginning to end, spans and entries, as the waterfall of one has it.
fn as_a_trace(workspace: &mut Workspace, key: RowKey) -> (i64, u64) {
    match workspace.ask(Ask::Trace(TraceAsk { key })) {
        Ok(Answer::Trace(trace)) => {
            let (start, end) = trace.extent().unwrap();
            (end.0 - start.0, trace.n_spans + trace.n_entries)
        }
        other => panic!("no trace: {other:?}"),
    }
}

#[test]
fn a_request_is_all_of_it_whatever_part_was_searched_for() {
    let mut workspace = with_samples();
    let all = requests(&mut workspace, "", RequestOrder::Slowest, None);
    assert!(all.complete && all.n_requests > 1000 && all.n_failed > 0, "{}", all.n_requests);
    assert_eq!(all.buckets.iter().map(|bucket| bucket.n).sum::<u64>(), all.n_requests);
    assert!(all.lines.windows(2).all(|pair| pair[0].nanos >= pair[1].nanos));
    let found = requests(&mut workspace, "service:payment level>=warn", RequestOrder::Slowest, None);
    assert!(found.n_requests > 0 && found.n_requests < all.n_requests);
    for line in all.lines.iter().take(5).chain(found.lines.iter().take(5)) {
        assert_eq!(as_a_trace(&mut workspace, line.key), (line.nanos, line.n_spans + line.n_entries), "{}", line.id);
    }
    // What was counted before stays right with another question.
    assert_eq!(requests(&mut workspace, "", RequestOrder::Slowest, None), all);
}

#[test]
fn requests_are_listed_by_how_long_they_took_how_they_failed_and_how_unusual_they_are() {
    let mut workspace = with_samples();
    let all = requests(&mut workspace, "", RequestOrder::Slowest, None);
    let bucket = all.buckets.iter().max_by_key(|bucket| bucket.n).unwrap();
    let within = requests(&mut workspace, "", RequestOrder::Slowest, Some((bucket.from, bucket.to)));
    assert_eq!((within.n_within, within.n_requests), (bucket.n, all.n_requests));
    assert!(within.lines.iter().all(|line| (bucket.from..bucket.to).contains(&line.nanos)));
    let failed = requests(&mut workspace, "", RequestOrder::Failed, None);
    assert!(failed.lines[0].n_errors > 0);
    let unusual = requests(&mut workspace, "", RequestOrder::Unusual, None);
    let oddities: Vec<f32> = unusual.lines.iter().map(|line| line.oddity.unwrap()).collect();
    assert!(oddities[0] > 0.0 && oddities.windows(2).all(|pair| pair[0] >= pair[1]), "{oddities:?}");
}

#[test]
fn all_of_a_request_is_found_by_any_of_its_ids() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut workspace = Workspace::in_memory();
    let (begun, ended) = ("level=info msg=begun", "level=info msg=ended");
    let text = format!(
        "time=2026-11-20T10:00:00Z {begun} trace_id={trace} request_id=req-88fd41\n\
         time=2026-11-20T10:00:01Z {ended} request_id=req-88fd41\n\
         time=2026-11-20T10:00:02Z {ended} request_id=req-55aa02\n"
    );
    workspace.take_in("shop.log", &text, 40);
    for (query, n_entries) in
        [("trace==req-88fd41", 2), ("trace:req-55aa02", 1), (format!("trace=={trace}").as_str(), 1)]
    {
        assert_eq!(workspace.count(&filter(query, Order::OldestFirst)).n_entries, n_entries, "{query}");
    }
}

#[test]
fn a_request_has_the_entries_whose_headers_are_printed_byte_by_byte() {
    let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let bytes: Vec<String> = format!("00-{trace}-{span}-01").bytes().map(|byte| byte.to_string()).collect();
    let headers = format!("RecordHeaders(headers = [RecordHeader(key = traceparent, value = [{}])]", bytes.join(", "));
    let mut workspace = Workspace::in_memory();
    let sent = format!("time=2026-11-20T10:00:00Z level=info msg=sent trace_id={trace} span_id={span}\n");
    workspace.take_in("shop.log", &sent, 40);
    let got =
        format!("2026-11-20 10:00:01.500 INFO [mail] Received ConsumerRecord(topic = orders, headers = {headers})\n");
    workspace.take_in("mail.log", &got, 40);
    let all = requests(&mut workspace, "", RequestOrder::Slowest, None);
    assert_eq!((all.n_requests, all.lines[0].n_entries, all.lines[0].n_services), (1, 2, 2));
    assert_eq!(as_a_trace(&mut workspace, all.lines[0].key), (all.lines[0].nanos, 2));
    for query in [format!("trace:{trace}"), format!("trace=={trace}"), "trace:4bf92f3577b3*".to_owned()] {
        assert_eq!(workspace.count(&filter(&query, Order::OldestFirst)).n_entries, 2, "{query}");
    }
}

#[test]
fn a_request_is_one_where_services_know_its_id_whole_or_by_half() {
    let mut workspace = Workspace::in_memory();
    let whole = "4bf92f3577b34da65af7183fb1d4cf5f";
    for (service, second, id) in
        [("shop", 1, whole), ("till", 2, "5af7183fb1d4cf5f"), ("mail", 3, "6554734444506566495")]
    {
        let line = format!(
            "time=2026-11-20T10:00:{second:02}.500Z level=info service={service} msg=served trace_id={id}\n\
             time=2026-11-20T10:00:{second:02}.700Z level=info service={service} msg=other trace_id=0ad1348f140316925af7183fb1d4cf5{second}\n"
        );
        workspace.take_in(&format!("{service}.log"), &line, 40);
    }
    let all = requests(&mut workspace, "", RequestOrder::Slowest, None);
    let [of_all, ..] = &all.lines[..] else { panic!("no requests: {all:?}") };
    assert_eq!((&*of_all.id, of_all.n_entries, all.n_requests), (whole, 3, 4));
    for query in [whole, "5af7183fb1d4cf5f", "6554734444506566495"].map(|id| format!("trace:{id}")) {
        let found = requests(&mut workspace, &query, RequestOrder::Slowest, None);
        assert_eq!(found.lines[..], *std::slice::from_ref(of_all), "{query}");
        // From whichever of its entries.
        let rows = workspace.rows(&filter(&query, Order::OldestFirst), 10);
        assert_eq!(rows.len(), 3, "{query}");
        for row in rows {
            assert_eq!(as_a_trace(&mut workspace, row.key), (of_all.nanos, 3), "{query}");
        }
    }
}

#[test]
fn an_id_is_found_that_chinese_text_is_beside_without_a_space() {
    let mut workspace = Workspace::in_memory();
    let whole = "4bf92f3577b34da65af7183fb1d4cf5f";
    let text = format!(
        "2026-11-20 10:00:01.500 INFO [mail] 调用 traceId={whole}，耗时 5ms\n\
         2026-11-20 10:00:02.500 INFO [mail] 完成 request_id=req-88fd41，耗时 7ms\n\
         2026-11-20 10:00:03.500 INFO [mail] 完成\n"
    );
    workspace.take_in("mail.log", &text, 1);
    for id in [whole, "5af7183fb1d4cf5f", "6554734444506566495", "req-88fd41"] {
        let found = workspace.count(&filter(&format!("trace:{id}"), Order::OldestFirst));
        assert_eq!(found.n_entries, 1, "{id}");
    }
    let text = format!(
        "2026-11-20 10:00:04.500 INFO [shop] 请求{whole}完成\n\
         2026-11-20 10:00:05.500 INFO [shop] 链路ID：{}，耗时 7ms\n\
         2026-11-20 10:00:06.500 INFO [shop] got trace_id={whole}\n\
         2026-11-20 10:00:07.500 INFO [shop] 请求ID：req-88fd41\n\
         2026-11-20 10:00:08.500 INFO [shop] 完成\n",
        whole.to_uppercase()
    );
    workspace.take_in("shop.log", &text, 1);
    for (id, n_entries) in [(whole, 4), ("req-88fd41", 2)] {
        let rows = workspace.rows(&filter(&format!("trace:{id}"), Order::OldestFirst), 10);
        assert_eq!(rows.len() as u64, n_entries, "{id}");
        for row in rows {
            assert_eq!(as_a_trace(&mut workspace, row.key).1, n_entries, "{id}, {}", row.text);
        }
    }
}

#[test]
fn a_request_is_one_in_each_notation_of_amazons_id() {
    let (amazon, digits) = ("1-5759e988-bd862e3fe1be46a994272793", "5759e988bd862e3fe1be46a994272793");
    let mut workspace = Workspace::in_memory();
    let alb = format!(
        "https 2026-11-20T10:00:00.123456Z app/shop/50dc6c495c0c9188 10.0.3.7:51522 10.0.9.1:80 0.086 0.048 0.037 200 200 34 366 \
         \"GET https://shop.example:443/cart HTTP/1.1\" \"curl/8.0\" - - arn \
         \"Self=1-5759e989-12456789abcdef0123456789;Root={amazon}\" \"shop.example\" \"-\"\n"
    );
    workspace.take_in("alb.log", &alb, 40);
    let lines = [
        format!("msg=header x-amzn-trace-id=\"Root={amazon};Parent=53995c3f42cd8ad8;Sampled=1\""),
        format!("msg=field trace_id={amazon}"),
        format!("msg=digits trace_id={digits}"),
        format!("msg=capitals trace_id={}", digits.to_uppercase()),
        format!("msg=\"AWS-XRAY-TRACE-ID: {amazon}@53995c3f42cd8ad8 served\""),
    ];
    let text: String =
        (0..).zip(&lines).map(|(n, line)| format!("time=2026-11-20T10:00:0{n}Z level=info {line}\n")).collect();
    workspace.take_in("shop.log", &text, 40);
    let all = requests(&mut workspace, "", RequestOrder::Slowest, None);
    assert_eq!((all.n_requests, all.lines[0].n_entries), (1, 6), "{all:?}");
    for id in [amazon, digits, "Root=1-5759e988-bd862e3fe1be46a994272793"] {
        let rows = workspace.rows(&filter(&format!("trace:\"{id}\""), Order::OldestFirst), 10);
        assert_eq!(rows.len(), 6, "{id}");
        for row in rows {
            assert_eq!(as_a_trace(&mut workspace, row.key).1, 6, "{id}, {}", row.text);
        }
    }
}

#[test]
fn half_of_an_id_finds_the_whole_in_blocks_of_an_earlier_build_too() {
    let half = "5af7183fb1d4cf5f";
    let line = |n: usize| {
        format!("time=2026-11-20T10:00:{n:02}.500Z level=info msg=served trace_id={n:02}f92f3577b34da6{half}\n")
    };
    let text: String = (10..30).map(line).collect();
    for is_earlier in [false, true] {
        let mut workspace = Workspace::in_memory();
        let source = workspace.add_source("a.log", text.len() as u64);
        let mut blocks = blocks_of("a.log", &text, 5);
        let n_knowing = blocks.iter().filter(|block| block.tokens.iter().any(|token| token.hash() == KNOWS_IDS));
        assert_eq!((n_knowing.count(), blocks.len()), (4, 4));
        if is_earlier {
            let of_halves = [KNOWS_IDS, half_hash(half.as_bytes())];
            blocks.iter_mut().for_each(|block| block.tokens.retain(|token| !of_halves.contains(&token.hash())));
        }
        workspace.store().insert_blocks(source, blocks).unwrap();
        workspace.store().set_source_state(source, SourceState::Complete).unwrap();
        // One block without the id, in a group of the index with the others.
        let idle = "time=2026-11-20T10:01:00.500Z level=info msg=idle\n";
        let source = workspace.add_source("b.log", idle.len() as u64);
        let mut blocks = blocks_of("b.log", idle, 5);
        if is_earlier {
            blocks[0].tokens.retain(|token| token.hash() != KNOWS_IDS);
        }
        workspace.store().insert_blocks(source, blocks).unwrap();
        workspace.store().set_source_state(source, SourceState::Complete).unwrap();
        workspace.commit();
        let of_half = filter(&format!("trace:{half}"), Order::OldestFirst);
        assert_eq!(workspace.rows(&of_half, 50).len(), 20, "{is_earlier}");
        // What cannot be read is looked at only where the index cannot tell.
        for damage in ["UPDATE block_texts SET bytes = x'ff00' WHERE id = 5", "DELETE FROM block_columns WHERE id = 5"]
        {
            assert_eq!(workspace.store().connection().execute(damage, []).unwrap(), 1, "{damage}");
        }
        workspace.store().roll_back().unwrap();
        let counted = workspace.ask(Ask::Count(Count { filter: of_half }));
        assert_eq!(counted.is_err(), is_earlier, "{counted:?}");
    }
}
