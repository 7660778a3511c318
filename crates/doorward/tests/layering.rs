//! The direction of every dependency inside the workspace is a test, not a hope (design 2).

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Every arrow of a normal dependency that the design has; no other may exist.
const ARROWS: [(&str, &[&str]); 11] = [
    ("doorward-types", &[]),
    ("doorward-access", &["doorward-types"]),
    ("doorward-audit", &["doorward-types"]),
    ("doorward-identity", &["doorward-types"]),
    ("doorward-invitations", &["doorward-types"]),
    ("doorward-mail", &[]),
    ("doorward-storage", &[]),
    ("doorward-memory", &["doorward-storage"]),
    ("doorward-sqlite", &["doorward-storage"]),
    ("doorward-conformance", &["doorward-storage"]),
    (
        "doorward",
        &[
            "doorward-access",
            "doorward-audit",
            "doorward-identity",
            "doorward-invitations",
            "doorward-mail",
            "doorward-storage",
            "doorward-types",
        ],
    ),
];

/// Unpublished shells at the outside: they may name everything.
const SHELLS: [&str; 3] = ["doorward-benches", "doorward-examples", "doorward-fuzz"];
const PURE: [&str; 5] = [
    "doorward-access",
    "doorward-audit",
    "doorward-identity",
    "doorward-invitations",
    "doorward-types",
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn normal_dependencies(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().unwrap();
    dependencies
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn no_arrow_is_drawn_that_the_design_does_not_have() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        if SHELLS.contains(&name) {
            continue;
        }
        let allowed = allowed
            .get(name)
            .unwrap_or_else(|| panic!("`{name}` is not in the design"));
        for dependency in normal_dependencies(&package) {
            if dependency.starts_with("doorward") {
                assert!(
                    allowed.contains(&dependency.as_str()),
                    "`{name}` may not name `{dependency}`"
                );
            }
        }
    }
}

#[test]
fn pure_crates_name_no_runtime_no_clock_and_no_randomness() {
    const REFUSED: [&str; 9] = [
        "async-trait",
        "getrandom",
        "lettre",
        "pollster",
        "rand",
        "rusqlite",
        "sqlx",
        "tokio",
        "axum",
    ];
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        if PURE.contains(&name) {
            let dependencies = normal_dependencies(&package);
            let found: Vec<_> = REFUSED
                .iter()
                .filter(|refused| dependencies.contains(**refused))
                .collect();
            assert!(found.is_empty(), "`{name}` is pure and names {found:?}");
        }
    }
}

#[test]
fn every_crate_is_a_folder_of_its_name_and_every_folder_is_in_the_design() {
    let allowed: BTreeSet<&str> = ARROWS.into_iter().map(|(name, _)| name).collect();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let manifest = package["manifest_path"].as_str().unwrap();
        if !SHELLS.contains(&name) {
            assert!(allowed.contains(name), "`{name}` is not in the design");
            assert!(
                manifest.ends_with(&format!("crates/{name}/Cargo.toml")),
                "{manifest}"
            );
        }
    }
}

/// The ban on clocks, environment and threads in the pure crates is a lint; this shows that each
/// of them has it.
#[test]
fn pure_crates_ban_clocks_environment_and_threads_by_lint() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        if PURE.contains(&name) {
            let manifest = package["manifest_path"].as_str().unwrap();
            let lints = manifest.replace("Cargo.toml", "clippy.toml");
            let text = std::fs::read_to_string(&lints).unwrap();
            for banned in [
                "std::env::var",
                "std::thread::spawn",
                "std::time::Instant::now",
                "std::time::SystemTime::now",
                "time::OffsetDateTime::now_utc",
            ] {
                assert!(text.contains(banned), "`{name}` does not ban `{banned}`");
            }
        }
    }
}
