//! Parts of the page that come in wasm files of their own, so that the first paint does not wait for them.
//!
//! The release build takes such a part, with all that only it needs, out of the page's module (`xtask/src/split.rs`). In other
//! builds (development, Trunk) it is there from the start.

use leptos::prelude::*;
use model::say;

/// Declares an `async fn` that makes a part of the page. Its first call fetches the file it is in.
///
/// ```ignore
/// late! { in workbench: fn timeline(side: Side) { view! { <Timeline side /> } } }
/// view! { {late_part(timeline(side))} }
/// ```
macro_rules! late {
    (in $file:ident: fn $name:ident($($argument:ident: $type:ty),*) { $body:expr }) => {
        #[cfg(feature = "split")]
        #[leptos::wasm_split::wasm_split($file, wasm_split_path = leptos::wasm_split, fallible)]
        pub fn $name($($argument: $type),*) -> Result<leptos::prelude::AnyView, $crate::late::NotFetched> {
            Ok($body.into_any())
        }

        #[cfg(not(feature = "split"))]
        pub async fn $name($($argument: $type),*) -> Result<leptos::prelude::AnyView, $crate::late::NotFetched> {
            Ok($body.into_any())
        }
    };
}

pub(crate) use late;

/// The file of a part did not come.
pub struct NotFetched;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for NotFetched {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// Puts a part up as soon as it is there.
pub fn late_part(part: impl Future<Output = Result<AnyView, NotFetched>> + Send + 'static) -> impl IntoView {
    Suspend::new(async move {
        part.await.unwrap_or_else(|NotFetched| {
            let sentence =
                say!("A part of Dendro could not be fetched. Reload the page when you are online: nothing is lost.");
            view! { <p class="notice" role="alert">{sentence}</p> }.into_any()
        })
    })
}
