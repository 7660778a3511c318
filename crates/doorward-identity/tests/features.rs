//! A normal build cannot have the cheap cost.

use std::process::Command;

use serde_json::Value;

/// Nothing enables `test-cost` but tests: no default feature, no dependency of a normal build.
#[test]
fn no_normal_build_has_the_cost_of_tests() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut seen = false;
    for package in metadata["packages"].as_array().unwrap() {
        let is_ours = package["name"] == "doorward-identity";
        seen |= is_ours;
        for (feature, enables) in package["features"].as_object().unwrap() {
            let enables = enables.to_string();
            assert!(
                feature == "test-cost" || !enables.contains("test-cost"),
                "{package}"
            );
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let cheap = dependency["features"].to_string().contains("test-cost");
            assert!(
                !cheap || dependency["kind"] == "dev",
                "{} {dependency}",
                package["name"]
            );
        }
    }
    assert!(seen);
}
