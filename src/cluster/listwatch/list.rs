//! The full list: a small page that paints at once, then the rest.

use super::Rest;
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
        self.objects.restart();
        let first = Page { limit: Some(self.tuning.first_page), token: None, compressed: false };
        let mut meta = self.page(&first).await?;
        let limit = match self.tuning.rest {
            Rest::Streamed => None,
            Rest::Pages(limit) => Some(limit),
        };
        while !meta.token.is_empty() {
            meta = self.page(&Page { limit, token: Some(&meta.token), compressed: true }).await?;
        }
        self.out.deltas.push(Delta::Synced);
        self.out.flush().await?;
        Ok(meta.version)
    }

    async fn page(&mut self, page: &Page<'_>) -> Result<ListMeta, Stop> {
        let mut answer = self.ask(page.request(&self.selection), self.tuning.list_idle).await?;
        if page.token.is_none() {
            self.out.deltas.push(Delta::Relist);
        }
        let mut items = Items::new(self.tuning.object_bytes);
        loop {
            while let Some(piece) = answer.piece()? {
                items.push(piece, |object| self.objects.upsert(object, &mut self.out.deltas))?;
                self.out.settle(piece.len()).await?;
            }
            if !self.refill(&mut answer).await? {
                break;
            }
        }
        self.objects.report(&mut self.out.deltas);
        self.out.flush().await?;
        Ok(items.finish()?)
    }
}
