//! The page's colours for the canvas, read from its custom properties.

use leptos::prelude::{document, window};
use model::severity::{BANDS, Band};
use plotters::style::RGBColor;

use super::picture::Palette;

pub fn read_palette(dark: bool) -> Palette {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let color = |name: &str| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
        // Grey is seen on light and dark alike.
        color(&value, dark).unwrap_or(RGBColor(128, 128, 128))
    };
    Palette {
        bands: BANDS.map(|band: Band| color(&format!("--{}", band.name()))),
        ink: color("--ink-soft"),
        line: color("--line"),
        paper: color("--paper"),
    }
}

/// `#rrggbb`, or `light-dark(#rrggbb, #rrggbb)` as custom properties keep it.
fn color(value: &str, dark: bool) -> Option<RGBColor> {
    let value = value.trim();
    let value = match value.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')')) {
        Some(pair) => {
            let (light_value, dark_value) = pair.split_once(',')?;
            if dark { dark_value.trim() } else { light_value.trim() }
        }
        None => value,
    };
    let hex = value.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii())?;
    let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
    Some(RGBColor(part(0)?, part(2)?, part(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_colors_gives_the_one_of_the_theme() {
        let rgb = |text: &str, dark| color(text, dark).map(|RGBColor(r, g, b)| (r, g, b));
        assert_eq!(rgb(" light-dark(#fbfaf8, #14181a)", false), Some((0xfb, 0xfa, 0xf8)));
        assert_eq!(rgb("light-dark(#fbfaf8, #14181a)", true), Some((0x14, 0x18, 0x1a)));
        assert_eq!(rgb("#010203", true), Some((1, 2, 3)));
        assert_eq!(rgb("red", true), None);
        assert_eq!(rgb("#ääa", true), None);
    }
}
