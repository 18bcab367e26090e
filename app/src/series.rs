//! Colours for what has no order: services, sources. `.series-0` to `.series-7` in the style sheet, the last for what is none of them.

/// Further ones begin anew.
pub const N_COLOURS: u32 = 7;

/// The same service has the same colour wherever it occurs.
pub fn class_of_service(service: &str) -> String {
    if service.is_empty() {
        return format!("series-{N_COLOURS}");
    }
    // FNV-1a
    let hash = service.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("series-{}", hash % N_COLOURS)
}
