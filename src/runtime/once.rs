//! `kw KIND --once`: the table as plain text, for pipes.

use anyhow::{Result, anyhow};
use tokio::sync::mpsc;

use super::driver;
use crate::app::{Scope, Tempo};
use crate::cluster::connect::{self, Kubeconfig, Options};
use crate::cluster::store::{Order, Sort, Store};
use crate::cluster::{Class, Delta, Error};
use crate::resources::{Cell, Kind, Row, Selection, Symbol, Time};
use crate::ui::filter::Filter;
use crate::ui::text::{printable, width};

/// Prints the table of `kind`; 0 when it is complete.
pub(super) async fn run(
    kind: &'static Kind,
    scope: Scope,
    filter: &str,
    tempo: Tempo,
    kubeconfig: &Kubeconfig,
    options: &Options,
) -> Result<u8> {
    let filter = Filter::parse(filter).map_err(|error| anyhow!("--filter: {error}"))?;
    // Nobody lends a terminal here: a plugin that needs a person says so.
    let (leases, _) = mpsc::channel(1);
    let connection = connect::connect(kubeconfig, options, leases).await?;
    let namespace = match scope {
        Scope::All => None,
        Scope::One(name) => Some(Symbol::from(name)),
        Scope::OfContext => Some(Symbol::from(connection.namespace.as_deref().unwrap_or("default"))),
    };
    let namespace = namespace.filter(|_| kind.namespaced);
    let selection = Selection::all(kind, namespace.clone());
    let rows = driver::list(connection.client, selection).await.map_err(|error| advised(error, kind))?;
    let (sort, descending) = kind.sort.map_or((Sort::Natural, false), |(at, down)| (Sort::Column(at), down));
    let mut store = Store::new(Order { sort, descending });
    store.apply_all(rows.into_iter().map(Delta::Upsert).collect());
    store.set_filter(filter.into_predicate(kind.headers.len()));
    let text = table(kind, kind.namespaced && namespace.is_none(), &store, tempo.there(super::now()));
    super::print(&text)
}

/// What helps off the screen where the advice on screen is a key.
fn advised(error: Error, kind: &Kind) -> Error {
    if error.class == Class::Forbidden && kind.namespaced {
        error.advise("name a namespace that you may read with -n")
    } else {
        error
    }
}

/// The table as text: a line of titles, a line an object, columns padded to the widest, three spaces between.
fn table(kind: &Kind, namespaces: bool, store: &Store, now: Time) -> String {
    let line = |row: &dyn Row| {
        let namespace = namespaces.then(|| Cell::text(&row.meta().namespace));
        let cells = namespace.into_iter().chain((0..kind.headers.len()).map(|at| row.cell(at)));
        let text = |cell: Cell<'_>| {
            let mut text = String::new();
            cell.write(now, &mut text);
            printable(&text).into_owned()
        };
        cells.map(text).collect::<Vec<String>>()
    };
    let titles =
        namespaces.then_some("NAMESPACE").into_iter().chain(kind.headers.iter().map(|header| header.title));
    let mut lines = vec![titles.map(str::to_owned).collect::<Vec<String>>()];
    lines.extend(store.window(0, store.shown()).map(line));
    let columns = lines[0].len();
    let widest = |at: usize| lines.iter().map(|line| width(&line[at])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut out = String::new();
    for line in &lines {
        for (at, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if at + 1 < columns {
                out.extend(std::iter::repeat_n(' ', widths[at] - width(cell) + 3));
            }
        }
        out.push('\n');
    }
    out
}
