//! Saves what was drawn, or a table of names, as a file of the user's. No pseudonyms are in it, whatever was chosen: that is said.

use js_sys::Array;
use leptos::prelude::*;
use model::say;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url,
};

use crate::export::written_as_it_is;
use crate::scope::Shared;

/// Pixels of the picture for each of the drawing: sharp on paper.
const SCALE: f64 = 2.0;

pub fn text(shared: Shared, name: &str, kind: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options);
    match blob.and_then(|blob| hand_over(name, &blob)) {
        Ok(()) => shared.said.set(written_as_it_is(shared, name)),
        Err(_) => shared.trouble.set(Some(say!("The browser did not take {name}.", name))),
    }
}

/// Draws the SVG into pixels. `size`: of the drawing.
pub fn png(shared: Shared, name: &'static str, svg: &str, size: (f32, f32)) {
    let fail = move || shared.trouble.set(Some(say!("The browser could not draw the map into a picture.").to_owned()));
    let Ok(image) = HtmlImageElement::new() else { return fail() };
    let drawn = image.clone();
    let on_load = Closure::once_into_js(move || {
        if draw(shared, &drawn, name, size).is_err() {
            fail();
        }
    });
    image.set_onload(Some(on_load.unchecked_ref()));
    let encoded = js_sys::encode_uri_component(svg);
    image.set_src(&format!("data:image/svg+xml,{encoded}"));
}

fn draw(shared: Shared, image: &HtmlImageElement, name: &'static str, size: (f32, f32)) -> Result<(), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let (width, height) = (f64::from(size.0) * SCALE, f64::from(size.1) * SCALE);
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)?;
    let take = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            // A refused download is the user's choice.
            if hand_over(name, &blob).is_ok() {
                shared.said.set(written_as_it_is(shared, name));
            }
        }
    });
    canvas.to_blob(take.unchecked_ref())
}

fn hand_over(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
