//! Replays every committed corpus through its body, on stable.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use doorward_fuzz::BODIES;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The seeds of a body, by name.
fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = root().join("corpus").join(name);
    let read = fs::read_dir(&folder);
    let read = read.unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.map(|file| file.unwrap().path()).collect();
    paths.sort_unstable();
    assert!(paths.len() >= 3, "the corpus of `{name}` is nearly empty");
    let bytes = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
    paths.into_iter().map(bytes).collect()
}

fn names(folder: &Path, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().unwrap_or_default() == extension)
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_corpus_holds() {
    for (name, body) in BODIES {
        for (path, seed) in seeds(name) {
            // A failing law names itself; the seed is named here.
            println!("{}", path.display());
            body(&seed);
        }
    }
}

/// Cheap mutations of each seed: cuts, doubled bytes, flipped bits.
#[test]
fn every_seed_holds_when_it_is_damaged() {
    for (name, body) in BODIES {
        // Where an input takes long, some damages of each are enough.
        let step = match name {
            "commands" | "damaged_record" => 256,
            "csv" | "entry" | "foreign_hash" | "record" => 8,
            _ => 1,
        };
        for (path, seed) in seeds(name) {
            println!("{}", path.display());
            for at in (step / 2..seed.len().min(512)).step_by(step) {
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

#[test]
fn every_body_has_a_target_and_a_corpus_and_nothing_else_has() {
    let bodies: BTreeSet<String> = BODIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(bodies.len(), BODIES.len());
    assert_eq!(names(&root().join("fuzz_targets"), "rs"), bodies);
    assert_eq!(names(&root().join("corpus"), ""), bodies);
    let manifest = fs::read_to_string(root().join("fuzz_targets/Cargo.toml")).unwrap();
    for name in bodies {
        let target = format!("name = \"{name}\"\npath = \"{name}.rs\"\n");
        assert!(manifest.contains(&target), "`{name}` is in the manifest");
        let source = root().join("fuzz_targets").join(format!("{name}.rs"));
        let source = fs::read_to_string(source).unwrap();
        assert!(source.contains(&format!("doorward_fuzz::{name}(bytes)")));
    }
}

/// What a storage holds is fuzzed whole: a kind of record that is added has its seeds.
#[test]
fn every_kind_of_stored_body_is_read_from_a_seed() {
    let mut read = BTreeSet::new();
    for (_, seed) in seeds("record") {
        let text = String::from_utf8_lossy(&seed);
        let (kind, body) = text.split_once('\n').unwrap();
        if let Some(Ok(_)) = doorward::fuzzing::rewrite(kind, body.as_bytes()) {
            read.insert(kind.to_owned());
        }
    }
    let kinds: BTreeSet<String> = doorward::fuzzing::kinds().map(str::to_owned).collect();
    assert_eq!(read, kinds);
    assert_eq!(kinds_in_source(), kinds);
}

/// The kinds that `doorward` declares, and the messages of its outbox.
fn kinds_in_source() -> BTreeSet<String> {
    fn collect(folder: &Path, kinds: &mut BTreeSet<String>) {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                collect(&path, kinds);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let declared = source.split("const KIND: &'static str = \"").skip(1);
            kinds.extend(declared.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }

    let mut kinds = BTreeSet::from(["notice".to_owned()]);
    collect(&root().join("../crates/doorward/src"), &mut kinds);
    kinds
}
