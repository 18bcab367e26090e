//! Which fields hold the ids of requests: every time has its own, and that these differ says nothing.

/// Names of such fields, as letters and digits alone.
const OF_REQUESTS: [&str; 12] = [
    "traceid",
    "xb3traceid",
    "xamzntraceid",
    "ubertraceid",
    "traceparent",
    "spanid",
    "xb3spanid",
    "parentspanid",
    "requestid",
    "xrequestid",
    "correlationid",
    "xcorrelationid",
];

/// `trace_id`, `spanId`, `http.request.header.x-request-id`. Not what an entry may be of for long: an order, a job, a user.
pub fn names_ids_of_requests(field: &str) -> bool {
    let last = field.rsplit(['.', '/', ':']).next().unwrap_or(field);
    let plain: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
    OF_REQUESTS.iter().any(|name| plain.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_requests_are_known_by_their_names_and_others_are_not() {
        let is_so = ["trace_id", "spanId", "http.request.header.x-request-id", "X-B3-TraceId"];
        assert!(is_so.into_iter().all(names_ids_of_requests));
        let is_not = ["user_id", "job_id", "order.id", "id", "trace", "traced", ""];
        assert!(!is_not.into_iter().any(names_ids_of_requests));
    }
}
