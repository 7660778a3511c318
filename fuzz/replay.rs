//! Replays every committed corpus through its body, on stable.

use std::{fs, path::Path};

use doorward_fuzz::BODIES;

#[test]
fn every_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, body) in BODIES {
        let mut count = 0;
        for file in fs::read_dir(corpus.join(name)).unwrap() {
            body(&fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count >= 3, "the corpus of `{name}` is nearly empty");
    }
}

/// Cheap mutations of each seed: cuts, doubled bytes, flipped bits.
#[test]
fn every_seed_holds_when_it_is_damaged() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, body) in BODIES {
        for file in fs::read_dir(corpus.join(name)).unwrap() {
            let seed = fs::read(file.unwrap().path()).unwrap();
            for at in 0..seed.len().min(512) {
                body(&seed[..at]);
                let mut flipped = seed.clone();
                flipped[at] ^= 1 << (at % 8);
                body(&flipped);
                let mut doubled = seed.clone();
                doubled.insert(at, seed[at]);
                body(&doubled);
            }
        }
    }
}
