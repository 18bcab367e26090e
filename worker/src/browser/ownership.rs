//! One tab at a time writes the workspace: Web Locks elect it.
//!
//! The lock is held as long as this worker lives, so a closed or killed tab gives it up by itself. A tab that has to wait
//! stays in the queue, and is the owner when the one before goes away.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

const LOCK: &str = "dendro workspace";

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which web-sys does not have yet.
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Promise;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The lock is ours.
    Granted,
    /// Another tab took it from us.
    Stolen,
}

pub struct Ownership {
    locks: Option<LockManager>,
    on_news: Rc<dyn Fn(News)>,
    /// Resolving it gives the lock back.
    release: Rc<RefCell<Option<Function>>>,
    /// A lock that is granted when nobody wants it any more is passed on at once.
    is_wanted: Rc<Cell<bool>>,
}

impl Ownership {
    /// Where there are no Web Locks every tab is an owner, and the mark in storage alone keeps them apart.
    pub fn new(on_news: impl Fn(News) + 'static) -> Self {
        let locks = Reflect::get(&js_sys::global(), &"navigator".into())
            .and_then(|navigator| Reflect::get(&navigator, &"locks".into()))
            .ok()
            .filter(|locks| locks.is_object())
            .map(JsCast::unchecked_into);
        Self { locks, on_news: Rc::new(on_news), release: Rc::default(), is_wanted: Rc::default() }
    }

    /// Waits in the queue.
    pub fn queue(&self) {
        self.request(&Object::new());
    }

    /// Takes the lock from whoever has it.
    pub fn steal(&self) {
        let options = Object::new();
        let _ = Reflect::set(&options, &"steal".into(), &true.into());
        self.request(&options);
    }

    fn request(&self, options: &Object) {
        self.is_wanted.set(true);
        let on_news = self.on_news.clone();
        let Some(locks) = &self.locks else {
            return spawn_local(async move { on_news(News::Granted) });
        };
        let (tells, release, is_wanted) = (on_news.clone(), self.release.clone(), self.is_wanted.clone());
        let granted = Closure::once_into_js(move || {
            if !is_wanted.get() {
                return Promise::resolve(&JsValue::UNDEFINED);
            }
            let held = Promise::new(&mut |resolve, _| {
                release.replace(Some(resolve));
            });
            tells(News::Granted);
            held
        });
        let held = locks.request(LOCK, options, granted.unchecked_ref());
        spawn_local(async move {
            if JsFuture::from(held).await.is_err() {
                on_news(News::Stolen);
            }
        });
    }

    pub fn release(&self) {
        self.is_wanted.set(false);
        if let Some(resolve) = self.release.take() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }
}
