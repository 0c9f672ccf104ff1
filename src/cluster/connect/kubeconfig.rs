//! The kubeconfig: which files, merged how, and what a context in them names.
//!
//! The rules are client-go's (`tools/clientcmd/loader.go`): the first file that says something wins, whole entries at
//! a time; relative paths are relative to the file they stand in; a missing file of a list is no error.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kube::config::{self, AuthInfo, Cluster, Context};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Options, incluster};
use crate::cluster::error::text::one_line;
use crate::cluster::{Class, Error};

/// The merged kubeconfig.
#[derive(Clone)]
pub struct Kubeconfig {
    merged: config::Kubeconfig,
    /// Which file each user stands in, for what is written back.
    users: FxHashMap<String, PathBuf>,
    source: String,
    warnings: Vec<String>,
}

/// A context, as far as it interests a person who chooses one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextInfo {
    /// The context's name.
    pub name: String,
    /// The cluster it names.
    pub cluster: String,
    /// The user it names; empty when it names none.
    pub user: String,
    /// Its namespace, when it has one.
    pub namespace: Option<String>,
    /// The API server's address; empty when the cluster is missing or has none.
    pub server: String,
}

/// What a context names, all of it found.
pub(super) struct Target {
    pub(super) context: String,
    pub(super) namespace: Option<String>,
    pub(super) cluster_name: String,
    pub(super) cluster: Cluster,
    /// Empty when the context names no user.
    pub(super) user_name: String,
    pub(super) user: AuthInfo,
    /// The file in which the user stands; none in a pod.
    pub(super) user_file: Option<PathBuf>,
}

impl Kubeconfig {
    /// Reads and merges the files: `--kubeconfig` alone, else `KUBECONFIG`'s list, else `~/.kube/config`, else a pod's
    /// own credentials. Reads files and blocks; they are small.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when there is none, or one of them cannot be read or understood.
    pub fn load(options: &Options) -> Result<Kubeconfig, Error> {
        let environment = &options.environment;
        let mut loaded = Kubeconfig::nothing();
        if let Some(path) = &options.kubeconfig {
            loaded.source = display(path);
            if !loaded.add(path)? {
                let message = format!("no kubeconfig: {} does not exist", display(path));
                return Err(Error::new(Class::Config, message).advise("check --kubeconfig"));
            }
        } else if let Some(list) = &environment.kubeconfig {
            loaded.add_list(list)?;
        } else {
            let path = environment.home.as_ref().map(|home| home.join(".kube").join("config"));
            let found = path.as_ref().map_or(Ok(false), |path| loaded.add(path))?;
            loaded.source = path.as_deref().map_or_else(String::new, display);
            if !found || loaded.merged.contexts.is_empty() {
                if let Some(pod) = incluster::kubeconfig(environment) {
                    loaded.merged = pod;
                    loaded.source = "the pod's service account".to_owned();
                } else if !found {
                    return Err(none(path.as_deref()));
                }
            }
        }
        if loaded.merged.contexts.is_empty() {
            let message = format!("no kubeconfig: {} has no contexts", loaded.source);
            return Err(
                Error::new(Class::Config, message).advise("--kubeconfig FILE or KUBECONFIG names another")
            );
        }
        Ok(loaded)
    }

    /// Every context, in the order of the files.
    #[must_use]
    pub fn contexts(&self) -> Vec<ContextInfo> {
        self.merged.contexts.iter().map(|named| self.info(named)).collect()
    }

    /// The name of the current context, when the files set one (it may name what is not there).
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        self.merged.current_context.as_deref()
    }

    /// The name of the context that `options` ask for.
    ///
    /// # Errors
    /// [`Class::Config`] when it is not there, or names a cluster or a user that is not.
    pub fn choose(&self, options: &Options) -> Result<String, Error> {
        self.target(options.context.as_deref()).map(|target| target.context)
    }

    /// Where it came from, for people: a path, a list of paths, or a pod's service account.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is odd but not wrong, such as a missing file of the list; one line each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What `file` says now of the auth-provider of `user`. Blocks.
    pub(super) fn provider_config(file: &Path, user: &str) -> Option<HashMap<String, String>> {
        let users = config::Kubeconfig::read_from(file).ok()?.auth_infos;
        Some(users.into_iter().find(|named| named.name == user)?.auth_info?.auth_provider?.config)
    }

    fn nothing() -> Kubeconfig {
        Kubeconfig {
            merged: config::Kubeconfig::default(),
            users: FxHashMap::default(),
            source: String::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds the files of a `KUBECONFIG` list.
    fn add_list(&mut self, list: &std::ffi::OsStr) -> Result<(), Error> {
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let names: Vec<String> = paths.iter().map(|path| display(path)).collect();
        self.source = names.join(", ");
        let mut missing = Vec::new();
        for (path, name) in paths.iter().zip(&names) {
            if !self.add(path)? {
                missing.push(name.clone());
            }
        }
        if missing.len() == paths.len() {
            let message =
                format!("no kubeconfig: KUBECONFIG names {}, which does not exist", missing.join(", "));
            return Err(Error::new(Class::Config, message).advise("set KUBECONFIG to a file, or unset it"));
        }
        self.warnings
            .extend(missing.into_iter().map(|name| format!("KUBECONFIG names {name}, which does not exist")));
        Ok(())
    }

    /// Merges one file in; `false` when it does not exist.
    fn add(&mut self, path: &Path) -> Result<bool, Error> {
        let next = match config::Kubeconfig::read_from(path) {
            Ok(next) => next,
            Err(error) => return not_read(error, path),
        };
        for named in &next.auth_infos {
            self.users.entry(named.name.clone()).or_insert_with(|| path.to_owned());
        }
        self.merge(next);
        Ok(true)
    }

    /// The first that says something wins. An empty current-context says nothing.
    fn merge(&mut self, next: config::Kubeconfig) {
        let merged = &mut self.merged;
        let current = next.current_context.filter(|name| !name.is_empty());
        merged.current_context = merged.current_context.take().or(current);
        append(&mut merged.clusters, next.clusters, |named| &named.name);
        append(&mut merged.auth_infos, next.auth_infos, |named| &named.name);
        append(&mut merged.contexts, next.contexts, |named| &named.name);
    }

    fn info(&self, named: &config::NamedContext) -> ContextInfo {
        let context = named.context.clone().unwrap_or_default();
        let server = self.cluster(&context.cluster).and_then(|cluster| cluster.server.clone());
        ContextInfo {
            name: named.name.clone(),
            cluster: context.cluster,
            user: context.user.unwrap_or_default(),
            namespace: context.namespace.filter(|namespace| !namespace.is_empty()),
            server: server.unwrap_or_default(),
        }
    }

    fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.merged.clusters.iter().find(|named| named.name == name)?.cluster.as_ref()
    }

    /// What the context called `wanted` names, or the current one.
    pub(super) fn target(&self, wanted: Option<&str>) -> Result<Target, Error> {
        let name = wanted.or(self.current()).ok_or_else(|| self.no_context())?;
        let context = self.context(name).ok_or_else(|| self.unknown_context(name, wanted.is_some()))?;
        let wrong = |what: &str, missing: &str| {
            let (what, missing, name) = (one_line(what, 20), one_line(missing, 120), one_line(name, 120));
            Error::new(
                Class::Config,
                format!("context \"{name}\" names the {what} \"{missing}\", which is not there"),
            )
            .advise(format!("check {}", self.source))
        };
        let cluster = self.cluster(&context.cluster).ok_or_else(|| wrong("cluster", &context.cluster))?;
        let user_name = context.user.clone().unwrap_or_default();
        let user = match user_name.as_str() {
            "" => AuthInfo::default(),
            user => self.user(user).ok_or_else(|| wrong("user", user))?.clone(),
        };
        let user_file = self.users.get(&user_name).cloned();
        Ok(Target {
            context: name.to_owned(),
            namespace: context.namespace.clone().filter(|namespace| !namespace.is_empty()),
            cluster_name: context.cluster.clone(),
            cluster: cluster.clone(),
            user_name,
            user,
            user_file,
        })
    }

    fn context(&self, name: &str) -> Option<Context> {
        let named = self.merged.contexts.iter().find(|named| named.name == name)?;
        Some(named.context.clone().unwrap_or_default())
    }

    fn user(&self, name: &str) -> Option<&AuthInfo> {
        self.merged.auth_infos.iter().find(|named| named.name == name)?.auth_info.as_ref()
    }

    fn no_context(&self) -> Error {
        let message = format!("{} sets no current-context", self.source);
        Error::new(Class::Config, message).advise(format!("choose with --context: {}", self.choices("")))
    }

    fn unknown_context(&self, name: &str, asked: bool) -> Error {
        let what = if asked { "no context" } else { "current-context names no context that is there:" };
        Error::new(Class::Config, format!("{what} \"{}\" in {}", one_line(name, 120), self.source))
            .advise(format!("choose with --context: {}", self.choices(name)))
    }

    /// The names nearest to `name`, some of them; all when there are few.
    fn choices(&self, name: &str) -> String {
        const SHOWN: usize = 5;
        let mut names: Vec<&str> = self.merged.contexts.iter().map(|named| named.name.as_str()).collect();
        let holds =
            |candidate: &str| !name.is_empty() && (candidate.contains(name) || name.contains(candidate));
        names.sort_by_key(|known| (!holds(known), strsim::damerau_levenshtein(name, known)));
        let rest = names.len().saturating_sub(SHOWN);
        names.truncate(SHOWN);
        let mut line: Vec<String> = names.iter().map(|name| one_line(name, 120)).collect();
        if rest > 0 {
            line.push(format!("{rest} more"));
        }
        line.join(", ")
    }
}

fn append<T>(base: &mut Vec<T>, next: Vec<T>, name: impl Fn(&T) -> &String) {
    let mut known: FxHashSet<String> = base.iter().map(|item| name(item).clone()).collect();
    base.extend(next.into_iter().filter(|item| known.insert(name(item).clone())));
}

fn none(path: Option<&Path>) -> Error {
    let message = match path {
        Some(path) => format!("no kubeconfig: {} does not exist", display(path)),
        None => "no kubeconfig: there is no home directory".to_owned(),
    };
    Error::new(Class::Config, message).advise("name one with --kubeconfig FILE or KUBECONFIG")
}

/// Why a file could not be read; `Ok(false)` when it is only missing.
fn not_read(error: config::KubeconfigError, path: &Path) -> Result<bool, Error> {
    let name = display(path);
    let advice = "mend it, or name another with --kubeconfig FILE or KUBECONFIG";
    let fail = |message: String| Err(Error::new(Class::Config, message).advise(advice));
    match error {
        config::KubeconfigError::ReadConfig(error, _) => match error.kind() {
            std::io::ErrorKind::NotFound => Ok(false),
            std::io::ErrorKind::IsADirectory => fail(format!("kubeconfig {name} is a directory, not a file")),
            std::io::ErrorKind::PermissionDenied => {
                fail(format!("kubeconfig {name} cannot be read: permission denied"))
            }
            std::io::ErrorKind::InvalidData => fail(format!("kubeconfig {name} is not text")),
            _ => fail(one_line(&format!("kubeconfig {name} cannot be read: {error}"), 300)),
        },
        // The parser's own words quote the file, which holds secrets: its position is enough.
        config::KubeconfigError::Parse(error) => match error.location() {
            Some(place) if place.line() > 0 => fail(format!(
                "kubeconfig {name} is malformed at line {}, column {}",
                place.line(),
                place.column()
            )),
            _ => fail(format!("kubeconfig {name} is malformed")),
        },
        other => fail(one_line(&format!("kubeconfig {name}: {other}"), 300)),
    }
}

/// A path for people, without what could disturb a terminal.
fn display(path: &Path) -> String {
    one_line(&path.display().to_string(), 200)
}
