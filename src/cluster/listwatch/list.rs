//! The full list.
//!
//! Why it is asked for all at once: `docs/decisions/005-initial-list.md`.

use super::Paging;
use super::answer::Answer;
use super::items::{Items, ListMeta};
use super::request::Page;
use super::session::{Session, Stop};
use crate::cluster::Delta;

impl Session {
    /// Lists everything; tells at which version that was so.
    ///
    /// # Errors
    /// Also when the server forgets the list between two pages ([`Class::Gone`](crate::cluster::Class::Gone)):
    /// then it is to be begun again.
    pub(super) async fn list(&mut self) -> Result<String, Stop> {
        let (first, rest) = match self.tuning.paging {
            Paging::Streamed => (None, None),
            Paging::Pages { first, rest } => (Some(first), Some(rest)),
        };
        let mut meta = self.page(&Page { limit: first, token: None }).await?;
        while !meta.token.is_empty() {
            meta = self.page(&Page { limit: rest, token: Some(&meta.token) }).await?;
        }
        self.out.deltas.push(Delta::Synced);
        self.out.flush().await?;
        Ok(meta.version)
    }

    async fn page(&mut self, page: &Page<'_>) -> Result<ListMeta, Stop> {
        let doing = self.doing("listing");
        let request = page.request(&self.selection);
        let answer = self.ask(request, self.tuning.list_idle, &doing).await?;
        if page.token.is_none() {
            self.objects.restart();
            self.out.deltas.push(Delta::Relist);
        }
        self.items(answer).await.map_err(|stop| stop.while_doing(&doing))
    }

    async fn items(&mut self, mut answer: Answer) -> Result<ListMeta, Stop> {
        let mut items = Items::new(self.tuning.object_bytes);
        loop {
            while let Some(piece) = answer.piece()? {
                items.push(piece, |object| self.objects.upsert(object, &mut self.out.deltas))?;
                self.out.settle(piece.len()).await?;
            }
            if !self.refill(&mut answer, self.tuning.gather).await? {
                break;
            }
        }
        self.objects.report(&mut self.out.deltas);
        Ok(items.finish()?)
    }
}
