//! Names and identities that the API server makes up, from the seed of the world: the same every time.

use super::object::Uid;

/// The characters of generated names: no vowels, so that no words come of it (`k8s.io/apimachinery/pkg/util/rand`).
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Chance, from a seed.
#[derive(Debug, Clone)]
pub struct Chance(fastrand::Rng);

impl Chance {
    /// Chance that takes the same course every time for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Chance {
        Chance(fastrand::Rng::with_seed(seed))
    }

    /// A random (version 4) UUID.
    pub fn uid(&mut self) -> Uid {
        let bits = self.0.u128(..);
        Uid((bits & !(0xf000 << 64) & !(0b11 << 62)) | (0x4000 << 64) | (0b10 << 62))
    }

    /// So many characters for a generated name.
    pub fn suffix(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(ALPHABET[self.0.usize(..ALPHABET.len())])).collect()
    }

    /// A number below `end`, which is above 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end.max(1))
    }
}

/// A number that depends on nothing but what is given: chance without a state, for what must come out the same
/// whenever it is asked for.
#[must_use]
pub fn scatter(seed: u64, parts: &[&str]) -> u64 {
    use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
    let mut hasher = rustc_hash::FxBuildHasher.build_hasher();
    seed.hash(&mut hasher);
    parts.hash(&mut hasher);
    // The hash alone is weak in its low bits.
    fastrand::Rng::with_seed(hasher.finish()).u64(..)
}

/// The hash that names a pod template, as safe for names as `SafeEncodeString` of `k8s.io/apimachinery` makes it: up
/// to ten characters.
#[must_use]
pub fn template_hash(template: &serde_json::Value, collisions: i64) -> String {
    let mut number = scatter(collisions as u64, &[&template.to_string()]) % 10_000_000_000;
    let mut out = String::new();
    while number > 0 {
        out.push(char::from(ALPHABET[(number % ALPHABET.len() as u64) as usize]));
        number /= ALPHABET.len() as u64;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_names() {
        let (mut one, mut other) = (Chance::new(7), Chance::new(7));
        assert_eq!((one.uid(), one.suffix(5)), (other.uid(), other.suffix(5)));
        assert_ne!(one.uid(), Chance::new(8).uid());
        let text = one.uid().to_string();
        assert_eq!(
            (&text[14..15], text[19..20].parse::<char>().is_ok_and(|c| "89ab".contains(c))),
            ("4", true)
        );
    }

    #[test]
    fn a_template_has_a_hash_that_changes_with_it() {
        let hash = |image: &str| template_hash(&serde_json::json!({"image": image}), 0);
        assert_eq!(hash("web:1"), hash("web:1"));
        assert_ne!(hash("web:1"), hash("web:2"));
        assert!(hash("web:1").len() <= 10);
    }
}
