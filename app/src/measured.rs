//! The size of an element on screen, as a signal.

use leptos::html::ElementType;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Width and height inside the borders, in CSS pixels; zero until it is on the page.
pub fn use_size<E>(node: NodeRef<E>) -> Signal<(f64, f64)>
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let size = RwSignal::new((0.0, 0.0));
    let observer = StoredValue::new_local(None::<ResizeObserver>);
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        let observed: &Element = element.as_ref();
        let measured = observed.clone();
        let measure = move || {
            let now = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.get_untracked() != now {
                size.set(now);
            }
        };
        // Called for the first time as soon as the browser has laid the page out: asking now would make it do so twice.
        let on_resize = Closure::<dyn Fn()>::new(measure).into_js_value();
        if let Ok(new) = ResizeObserver::new(on_resize.unchecked_ref()) {
            new.observe(observed);
            observer.set_value(Some(new));
        }
    });
    on_cleanup(move || {
        observer.try_update_value(|observer| {
            if let Some(observer) = observer.take() {
                observer.disconnect();
            }
        });
    });
    size.into()
}
