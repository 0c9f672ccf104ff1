//! HorizontalPodAutoscalers: as many pods as their load asks for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, facts};
use super::{conditions, events};
use crate::demo::metrics::usage;
use crate::demo::world::value::{int, list, quantity, set, text};
use crate::demo::world::{Change, ControllerId, Key, Object, Phase, Selector, TypeId, World};

/// The source of its events.
pub(super) const NAME: &str = "horizontal-pod-autoscaler";

/// Milliseconds between two looks.
const PERIOD: i64 = 15_000;

/// Seconds for which the highest number that was wanted holds.
const STABILIZATION: i64 = 300;

/// Parts of the wanted load within which nothing is done.
const TOLERANCE: f64 = 0.1;

/// An autoscaler that is new or changed. It looks at its pods by itself from then on.
pub(super) fn routes(_: &World, change: &Change, keys: &mut Vec<Key>) {
    if change.object().key.of == TypeId::AUTOSCALERS && !change.is_end() {
        keys.push(change.object().key.clone());
    }
}

/// Looks at the load, and scales.
pub(super) fn reconcile(world: &mut World, me: ControllerId, key: &Key) {
    let Some(object) = world.get(key).filter(|object| !object.deleting).cloned() else { return };
    let next = (world.now.0 / PERIOD + 1) * PERIOD;
    world.look_again(me, key, next - world.now.0);
    let value = object.value();
    let status = if value["status"].is_object() { value["status"].clone() } else { json!({}) };
    let mut scaler = Scaler { object, status, value };
    scaler.run(world);
    let Scaler { value, status, .. } = scaler;
    world.report(key, &value, status);
}

/// An autoscaler as one pass sees it.
struct Scaler {
    object: Arc<Object>,
    value: Value,
    status: Value,
}

/// What a metric says.
struct Reading {
    /// As the status gives it.
    current: Value,
    /// How many times the wanted load there is.
    ratio: f64,
    /// How messages call it.
    name: String,
}

impl Scaler {
    fn run(&mut self, world: &mut World) {
        // Servers count no generations of autoscalers.
        pods::put(&mut self.status, "observedGeneration", int(&self.value, "/metadata/generation"));
        let Some(target) = self.target(world) else {
            let at = |field: &str| text(&self.value, &format!("/spec/scaleTargetRef/{field}"));
            let why = format!("{}s.apps \"{}\" not found", at("kind").to_ascii_lowercase(), at("name"));
            let said = format!("the HPA controller was unable to get the target's current scale: {why}");
            self.put(world, "AbleToScale", "False", "FailedGetScale", &said);
            return events::warning(world, NAME, &self.object, "FailedGetScale", &why);
        };
        let scale = target.value();
        let current = int(&scale, "/spec/replicas");
        set(&mut self.status, "/currentReplicas", int(&scale, "/status/replicas"));
        self.put(
            world,
            "AbleToScale",
            "True",
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale",
        );
        if current == 0 {
            let why = "scaling is disabled since the replica count of the target is zero";
            set(&mut self.status, "/desiredReplicas", 0);
            return self.put(world, "ScalingActive", "False", "ScalingDisabled", why);
        }
        match self.read(world, &scale) {
            Ok(readings) => self.scale(world, &target.key, current, readings),
            Err(why) => {
                let said = format!("the HPA was unable to compute the replica count: {why}");
                self.put(world, "ScalingActive", "False", "FailedGetResourceMetric", &said);
                events::warning(world, NAME, &self.object, "FailedGetResourceMetric", &why);
            }
        }
    }

    fn target(&self, world: &World) -> Option<Arc<Object>> {
        let at = |field: &str| text(&self.value, &format!("/spec/scaleTargetRef/{field}")).to_owned();
        let of = world.types.of_kind(&at("apiVersion"), &at("kind"))?;
        world.get(&Key::new(of, self.object.namespace(), &at("name"))).cloned()
    }

    /// What the metrics say, and how many pods that is about.
    fn read(&self, world: &World, scale: &Value) -> Result<(Vec<Reading>, i64), String> {
        let selector = Selector::of_value(&scale["spec"]["selector"]);
        let serves = |pod: &&Arc<Object>| {
            selector.matches(pod)
                && pods::is_active(pod)
                && pods::is_ready(pod)
                && facts(pod).phase == Phase::Running
        };
        let pods = world.store.all(TypeId::PODS, self.object.namespace()).filter(serves);
        let pods: Vec<Value> = pods.map(|pod| pod.value()).collect();
        let default = [json!({"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80},
        }})];
        let said = list(&self.value, "/spec/metrics");
        let metrics = if said.is_empty() { &default[..] } else { said };
        let mut readings = Vec::new();
        for metric in metrics.iter().filter(|metric| text(metric, "/type") == "Resource") {
            let resource = &metric["resource"];
            if pods.is_empty() {
                let name = text(resource, "/name");
                return Err(format!(
                    "failed to get {name} utilization: no metrics returned from resource metrics API"
                ));
            }
            readings.push(reading(world, resource, &pods)?);
        }
        Ok((readings, pods.len() as i64))
    }

    fn scale(
        &mut self,
        world: &mut World,
        target: &Key,
        current: i64,
        (readings, pods): (Vec<Reading>, i64),
    ) {
        let currents: Vec<Value> = readings.iter().map(|reading| reading.current.clone()).collect();
        set(&mut self.status, "/currentMetrics", currents);
        let Some(highest) = readings.iter().max_by(|one, other| one.ratio.total_cmp(&other.ratio)) else {
            return;
        };
        let why = format!("the HPA was able to successfully calculate a replica count from {}", highest.name);
        self.put(world, "ScalingActive", "True", "ValidMetricFound", &why);
        let near = (highest.ratio - 1.0).abs() <= TOLERANCE;
        let wanted = if near { current } else { (highest.ratio * pods as f64).ceil() as i64 };
        let stable = self.stabilize(world, wanted, current);
        if stable == wanted {
            self.put(
                world,
                "AbleToScale",
                "True",
                "ReadyForNewScale",
                "recommended size matches current size",
            );
        } else {
            let why = "recent recommendations were higher than current one, applying the highest recent recommendation";
            self.put(world, "AbleToScale", "True", "ScaleDownStabilized", why);
        }
        let desired = self.limit(world, stable, current);
        set(&mut self.status, "/desiredReplicas", desired);
        if desired == current {
            return;
        }
        world.modify(target, |value| set(value, "/spec/replicas", desired));
        let reason = if desired > current {
            format!("{} above target", highest.name)
        } else {
            "All metrics below target".to_owned()
        };
        let message = format!("New size: {desired}; reason: {reason}");
        events::normal(world, NAME, &self.object, "SuccessfulRescale", &message);
        let why = format!("the HPA controller was able to update the target scale to {desired}");
        self.put(world, "AbleToScale", "True", "SucceededRescale", &why);
        set(&mut self.status, "/lastScaleTime", world.now.rfc3339());
    }

    /// Fewer pods only when fewer have been wanted for some time.
    fn stabilize(&self, world: &mut World, wanted: i64, current: i64) -> i64 {
        let own =
            self.value.pointer("/spec/behavior/scaleDown/stabilizationWindowSeconds").and_then(Value::as_i64);
        let now = world.now;
        let since = now.plus(-own.unwrap_or(STABILIZATION));
        let known = world.memory.wanted.entry(self.object.uid).or_insert_with(|| vec![(now, current)]);
        known.retain(|(at, _)| *at > since);
        known.push((now, wanted));
        known.iter().map(|(_, wanted)| *wanted).max().unwrap_or(wanted)
    }

    /// Within what is allowed, and not too much at a time.
    fn limit(&mut self, world: &World, wanted: i64, current: i64) -> i64 {
        let (least, most) =
            (int(&self.value, "/spec/minReplicas").max(1), int(&self.value, "/spec/maxReplicas"));
        let step = (2 * current).max(4);
        let rules = [
            (
                wanted < least,
                least,
                "TooFewReplicas",
                "the desired replica count is less than the minimum replica count",
            ),
            (
                wanted > most && most <= step,
                most,
                "TooManyReplicas",
                "the desired replica count is more than the maximum replica count",
            ),
            (
                wanted > step,
                step,
                "ScaleUpLimit",
                "the desired replica count is increasing faster than the maximum scale rate",
            ),
        ];
        match rules.into_iter().find(|(applies, ..)| *applies) {
            Some((_, limited, reason, why)) => {
                self.put(world, "ScalingLimited", "True", reason, why);
                limited
            }
            None => {
                let why = "the desired count is within the acceptable range";
                self.put(world, "ScalingLimited", "False", "DesiredWithinRange", why);
                wanted
            }
        }
    }

    fn put(&mut self, world: &World, of: &str, status: &str, reason: &str, message: &str) {
        let since = conditions::since(conditions::find(&self.status, of), status, world.now);
        let new = json!({
            "type": of, "status": status, "reason": reason, "message": message, "lastTransitionTime": since,
        });
        conditions::put(&mut self.status, new);
    }
}

/// What pods use of a resource, compared with what they should.
fn reading(world: &World, resource: &Value, pods: &[Value]) -> Result<Reading, String> {
    let name = text(resource, "/name");
    let (mut used, mut requested) = (0, 0);
    for pod in pods {
        used += usage(world, pod)
            .iter()
            .map(|(_, used)| if name == "cpu" { used.cpu_milli } else { used.memory })
            .sum::<i64>();
        for container in list(pod, "/spec/containers") {
            let request = ["requests", "limits"]
                .iter()
                .find_map(|of| quantity(text(container, &format!("/resources/{of}/{name}"))));
            match request {
                Some(request) => requested += (request * if name == "cpu" { 1_000.0 } else { 1.0 }) as i64,
                None if text(resource, "/target/type") == "Utilization" => {
                    let (container, pod) = (text(container, "/name"), text(pod, "/metadata/name"));
                    return Err(format!(
                        "failed to get {name} utilization: missing request for {name} in container {container} of Pod {pod}"
                    ));
                }
                None => {}
            }
        }
    }
    let average = used / (pods.len() as i64).max(1);
    let value = if name == "cpu" { format!("{average}m") } else { average.to_string() };
    let mut current = json!({"averageValue": value});
    let (ratio, said) = if text(resource, "/target/type") == "Utilization" {
        let percent = 100 * used / requested.max(1);
        set(&mut current, "/averageUtilization", percent);
        let target = int(resource, "/target/averageUtilization").max(1);
        (percent as f64 / target as f64, format!("{name} resource utilization (percentage of request)"))
    } else {
        let target = quantity(text(resource, "/target/averageValue")).unwrap_or(1.0);
        let target = if name == "cpu" { target * 1_000.0 } else { target };
        (average as f64 / target.max(1.0), format!("{name} resource"))
    };
    let current = json!({"type": "Resource", "resource": {"name": name, "current": current}});
    Ok(Reading { current, ratio, name: said })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::controllers::testing::{Cluster, deployment};
    use crate::demo::world::{Behaviour, Load};

    fn cluster(cpu_milli: f64) -> Cluster {
        let mut cluster = Cluster::of_nodes(3);
        load(&mut cluster, cpu_milli);
        let mut web = deployment("web", 2, "web:1");
        let resources = json!({"requests": {"cpu": "100m"}});
        web["spec"]["template"]["spec"]["containers"][0]["resources"] = resources;
        cluster.create(TypeId::DEPLOYMENTS, web);
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
        let metric = json!({"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50},
        }});
        let spec = json!({"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 6, "metrics": [metric]});
        cluster.create(TypeId::AUTOSCALERS, json!({"metadata": {"name": "web"}, "spec": spec}));
        cluster
    }

    fn load(cluster: &mut Cluster, cpu_milli: f64) {
        let load = Load { cpu_milli, swing: 0.0, ..Behaviour::default().load };
        cluster.world.behaviours.set("web", Behaviour { load, ..Behaviour::default() });
    }

    fn replicas(world: &World) -> i64 {
        let web = Key::new(TypeId::DEPLOYMENTS, "shop", "web");
        int(&world.get(&web).unwrap().value(), "/spec/replicas")
    }

    #[test]
    fn more_load_makes_more_pods_and_less_makes_fewer_some_time_later() {
        let mut cluster = cluster(100.0);
        cluster.until(60, |world| replicas(world) == 4);
        let said = "New size: 4; reason: cpu resource utilization (percentage of request) above target";
        assert_eq!(cluster.messages("web", "SuccessfulRescale"), [said]);
        cluster.until(120, |world| replicas(world) == 6);
        let value = cluster.value(&Key::new(TypeId::AUTOSCALERS, "shop", "web"));
        let current = &value["status"]["currentMetrics"][0]["resource"]["current"];
        assert_eq!(*current, json!({"averageUtilization": 100, "averageValue": "100m"}));
        let limited = conditions::find(&value["status"], "ScalingLimited").unwrap();
        assert_eq!(text(limited, "/reason"), "TooManyReplicas");
        load(&mut cluster, 10.0);
        cluster.pass(240);
        assert_eq!(replicas(&cluster.world), 6);
        cluster.until(120, |world| replicas(world) == 2);
    }

    #[test]
    fn what_has_no_request_cannot_be_scaled_and_says_so() {
        let mut cluster = cluster(100.0);
        cluster.change(&Key::new(TypeId::DEPLOYMENTS, "shop", "web"), |web| {
            set(web, "/spec/template/spec/containers/0/resources", json!({}));
        });
        cluster.pass(90);
        let value = cluster.value(&Key::new(TypeId::AUTOSCALERS, "shop", "web"));
        let active = conditions::find(&value["status"], "ScalingActive").unwrap();
        assert!(
            text(active, "/message").contains("missing request for cpu in container app of Pod web-"),
            "{active}"
        );
    }
}
