use kittiwake::demo::scenario::{BuildOptions, build, find};
use kittiwake::demo::world::{Moment, TypeId};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let world = build(
        find(&a[1]).unwrap(),
        &BuildOptions {
            pods: a.get(4).and_then(|n| n.parse().ok()),
            seed: 7,
            now: Moment(1_790_000_123_000),
        },
    );
    for pod in world.store.all(TypeId::PODS, &a[2]).filter(|p| p.name().starts_with(&a[3])).take(1) {
        println!("{}", String::from_utf8_lossy(pod.json()));
    }
}
