//! The route of a path: what differs from request to request gives way to a sign, by [`ROUTE_RULES`](model::red::ROUTE_RULES).

/// Longer paths say nothing more of the route.
const MOST_PARTS: usize = 8;

/// Digits of a word that make it an id: `BIKE-00062` is one, `us-east-1` and `v2` are names.
const FEWEST_DIGITS: usize = 3;
/// Digits of a hash.
const SHORTEST_HASH: usize = 8;

/// The path without host, query and fragment, its parts generalised: `/users/123/orders?page=2` is `/users/{id}/orders`.
pub fn route_of(path: &str) -> String {
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut route = String::with_capacity(path.len());
    for (at, part) in path.strip_prefix('/').unwrap_or(path).split('/').enumerate() {
        route.push('/');
        if at == MOST_PARTS {
            route.push('…');
            break;
        }
        route.push_str(part_of_route(part).unwrap_or(part));
    }
    route
}

/// The sign in the place of a part; `None` where it stays.
fn part_of_route(part: &str) -> Option<&'static str> {
    let n_digits = part.bytes().filter(u8::is_ascii_digit).count();
    if n_digits == 0 {
        return None;
    }
    if part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("{id}");
    }
    if is_form(part, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh") {
        return Some("{uuid}");
    }
    if is_form(part, "dddd-dd-dd") {
        return Some("{date}");
    }
    if part.len() >= SHORTEST_HASH && part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("{hash}");
    }
    (n_digits >= FEWEST_DIGITS).then_some("{id}")
}

/// `form`: `h` for a hexadecimal digit, `d` for a digit, all else as it is.
fn is_form(part: &str, form: &str) -> bool {
    part.len() == form.len()
        && part.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'h' => byte.is_ascii_hexdigit(),
            b'd' => byte.is_ascii_digit(),
            form => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, route: &str) {
        assert_eq!(route_of(path), route, "{path}");
    }

    #[test]
    fn what_differs_from_request_to_request_gives_way_to_a_sign() {
        check("/users/123", "/users/{id}");
        check("/users/123/orders?page=2#top", "/users/{id}/orders");
        check("/carts/9e9f0f21-6716-4ac6-ae44-000000000001/items", "/carts/{uuid}/items");
        check("/commits/4bf92f3577b34da6", "/commits/{hash}");
        check("/reports/2026-11-20", "/reports/{date}");
        check("/products/BIKE-00062", "/products/{id}");
        check("https://shop.example/users/7", "/users/{id}");
        check("https://shop.example", "/");
    }

    #[test]
    fn names_stay() {
        check("/", "/");
        check("/api/v2/us-east-1/oauth2/token", "/api/v2/us-east-1/oauth2/token");
        check("/feedface/deadbeef", "/feedface/deadbeef");
        check("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/…");
        check("*", "/*");
    }
}
