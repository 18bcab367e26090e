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
    #[derive(Clone)]
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Promise;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The lock is ours.
    Granted,
    /// Another tab has it, and ours waits for it.
    Waiting,
    /// Another tab took it from us.
    Stolen,
}

#[derive(Clone)]
pub struct Ownership {
    locks: Option<LockManager>,
    on_news: Rc<dyn Fn(News)>,
    /// Resolving it gives the lock back.
    release: Rc<RefCell<Option<Function>>>,
    /// A lock that is granted when nobody wants it any more is passed on at once.
    is_wanted: Rc<Cell<bool>>,
}

impl Ownership {
    /// Where there are no Web Locks a tab is the owner when it is opened, and until a save finds the mark of another: the
    /// mark in storage alone keeps them apart.
    pub fn new(on_news: impl Fn(News) + 'static) -> Self {
        let locks = Reflect::get(&js_sys::global(), &"navigator".into())
            .and_then(|navigator| Reflect::get(&navigator, &"locks".into()))
            .ok()
            .filter(|locks| locks.is_object())
            .map(JsCast::unchecked_into);
        Self { locks, on_news: Rc::new(on_news), release: Rc::default(), is_wanted: Rc::default() }
    }

    /// Takes the lock if it is free, and waits for it in the queue otherwise.
    ///
    /// Whether it is free is asked, not guessed from how long an answer takes: on a busy machine every answer takes long.
    pub fn queue(&self) {
        self.request(Some("ifAvailable"));
    }

    /// Waits in the queue after a loss. Where there are no Web Locks there is no queue: the workspace would be ours at once,
    /// and both tabs would take it from each other for ever, each time with what the other had not saved.
    pub fn queue_again(&self) {
        if self.locks.is_some() {
            self.queue();
        }
    }

    /// Takes the lock from whoever has it.
    pub fn steal(&self) {
        self.request(Some("steal"));
    }

    /// `option`: one of `LockOptions` to be set.
    fn request(&self, option: Option<&str>) {
        self.is_wanted.set(true);
        let on_news = self.on_news.clone();
        let Some(locks) = &self.locks else {
            return spawn_local(async move { on_news(News::Granted) });
        };
        let options = Object::new();
        if let Some(option) = option {
            let _ = Reflect::set(&options, &option.into(), &true.into());
        }
        let ownership = self.clone();
        let answered = Closure::once_into_js(move |lock: JsValue| ownership.hear(&lock));
        let held = locks.request(LOCK, &options, answered.unchecked_ref());
        spawn_local(async move {
            if JsFuture::from(held).await.is_err() {
                on_news(News::Stolen);
            }
        });
    }

    /// The lock is held until what this answers is resolved; `null` where it is not free.
    fn hear(&self, lock: &JsValue) -> Promise {
        let nothing = Promise::resolve(&JsValue::UNDEFINED);
        if !self.is_wanted.get() {
            return nothing;
        }
        if lock.is_null() {
            self.request(None);
            (self.on_news)(News::Waiting);
            return nothing;
        }
        let held = Promise::new(&mut |resolve, _| {
            self.release.replace(Some(resolve));
        });
        (self.on_news)(News::Granted);
        held
    }

    pub fn release(&self) {
        self.is_wanted.set(false);
        if let Some(resolve) = self.release.take() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }
}
