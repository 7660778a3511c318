//! The documents cite what exists: tests, items, files, types and each other.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The tables that `docs/requirements.md` promises.
const TABLES: [&str; 3] = ["alis_connect", "hometrak_companion", "kalix"];
/// Where Rust sources are.
const SOURCES: [&str; 4] = ["crates", "examples", "benches", "fuzz"];
/// The words before the name of an item.
const ITEMS: [&str; 8] = [
    "const",
    "enum",
    "fn",
    "macro_rules!",
    "mod",
    "struct",
    "trait",
    "type",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder whose name ends so, build folders left out.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                found.extend(files(&path, ending));
            }
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

fn sources() -> Vec<String> {
    let folders = SOURCES.iter().map(|folder| root().join(folder));
    let files = folders.flat_map(|folder| files(&folder, ".rs"));
    files.map(|file| read(&file)).collect()
}

fn name_at_start(text: &str) -> &str {
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(ends).next().unwrap_or_default()
}

/// The names of every function under `#[test]`.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources() {
        let mut marked = false;
        for line in source.lines().map(str::trim_start) {
            if line == "#[test]" {
                marked = true;
            } else if let Some(name) = line.strip_prefix("fn ").filter(|_| marked) {
                names.insert(name_at_start(name).to_owned());
                marked = false;
            }
        }
    }
    names
}

/// The names of every item, method, variant and field that a source defines.
fn definitions(source: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let items = words.windows(2).filter_map(|pair| match pair {
            [word, named] if ITEMS.contains(word) => Some(name_at_start(named)),
            _ => None,
        });
        names.extend(items);
        // A variant, a field, or an act of the list of acts.
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let name = name_at_start(line);
        let after = line.strip_prefix(name).unwrap_or_default();
        let ends = [",", "(", ":", " {", " ="];
        if after.is_empty() || ends.iter().any(|end| after.starts_with(end)) {
            names.insert(name);
        }
    }
    names
}

struct Row {
    id: String,
    code: Vec<String>,
    tests: Vec<String>,
    remark: String,
}

/// What stands between backticks in a cell.
fn cited(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

fn rows(table: &str) -> Vec<Row> {
    let path = root().join("docs/requirements").join(format!("{table}.md"));
    let mut rows = Vec::new();
    for line in read(&path).lines().filter(|line| line.starts_with("| ")) {
        let line = line.trim_end();
        let inner = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'));
        let cells: Vec<&str> = inner.unwrap_or(line).split('|').map(str::trim).collect();
        let [id, sentence, code, tests, remark] = cells.as_slice() else {
            panic!("{table}: this row has {} cells, not 5: {line}", cells.len());
        };
        if *id == "id" {
            continue;
        }
        assert!(!sentence.is_empty(), "{id} says no sentence");
        rows.push(Row {
            id: (*id).to_owned(),
            code: cited(code),
            tests: cited(tests),
            remark: remark.trim_matches('-').to_owned(),
        });
    }
    rows
}

fn every_row() -> Vec<Row> {
    TABLES.into_iter().flat_map(rows).collect()
}

fn report(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn the_sentences_of_each_product_are_numbered_without_gaps() {
    for table in TABLES {
        let rows = rows(table);
        assert!(rows.len() > 20, "`{table}` has {} rows", rows.len());
        let mut prefixes = BTreeSet::new();
        for (row, number) in rows.iter().zip(1_usize..) {
            let (prefix, own) = row.id.rsplit_once('-').unwrap();
            prefixes.insert(prefix);
            assert_eq!(own.parse(), Ok(number), "`{}` stands out of order", row.id);
        }
        assert_eq!(prefixes.len(), 1, "`{table}` mixes products: {prefixes:?}");
    }
}

#[test]
fn every_row_has_code_and_a_test_or_says_why_not() {
    let mut wrong = Vec::new();
    for row in every_row() {
        let kept = !row.code.is_empty() && !row.tests.is_empty();
        if !kept && row.remark.is_empty() {
            wrong.push(row.id);
        }
    }
    report("neither kept nor explained", &wrong);
}

#[test]
fn every_cited_test_exists() {
    let known = tests();
    let mut wrong = Vec::new();
    for row in every_row() {
        let missing = row.tests.iter().filter(|name| !known.contains(*name));
        wrong.extend(missing.map(|name| format!("{}: `{name}`", row.id)));
    }
    report("no such test", &wrong);
}

#[test]
fn every_cited_item_exists() {
    let mut wrong = Vec::new();
    for row in every_row() {
        for cited in &row.code {
            let (path, items) = cited.split_once("::").unwrap_or((cited, ""));
            let file = root().join(path);
            if !file.is_file() {
                wrong.push(format!("{}: no file `{path}`", row.id));
                continue;
            }
            let source = read(&file);
            let known = definitions(&source);
            let items = items.split("::").filter(|item| !item.is_empty());
            let missing = items.filter(|item| !known.contains(item));
            wrong.extend(missing.map(|item| format!("{}: no `{item}` in `{path}`", row.id)));
        }
    }
    report("no such item", &wrong);
}

#[test]
fn every_type_of_the_glossary_exists() {
    let sources = sources();
    let known: BTreeSet<&str> = sources.iter().flat_map(|text| definitions(text)).collect();
    let glossary = read(&root().join("docs/glossary.md"));
    let mut wrong = Vec::new();
    for line in glossary.lines().filter(|line| line.starts_with("| ")) {
        let last = line.trim_end_matches([' ', '|']).rsplit('|').next();
        for cited in cited(last.unwrap_or_default()) {
            let (_, name) = cited.rsplit_once("::").unwrap_or(("", &cited));
            // `*Rejection` stands for many.
            if !name.starts_with('*') && !known.contains(name) {
                wrong.push(cited);
            }
        }
    }
    report("no such type", &wrong);
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut documents = files(&root().join("docs"), ".md");
    documents.extend(["README.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)));
    for document in documents {
        let text = read(&document);
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if path.is_empty() {
                document.clone()
            } else {
                document.parent().unwrap().join(path)
            };
            let known = to.exists() && (heading.is_empty() || has_heading(&read(&to), heading));
            if !known {
                wrong.push(format!("{}: `{target}`", document.display()));
            }
        }
    }
    report("a link leads nowhere", &wrong);
}

/// Tells whether a document has a heading of this anchor: in lower case, dashes for blanks, no
/// punctuation.
fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| line.trim_start_matches('#').trim())
        .any(|heading| {
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
            let slug: String = kept.flat_map(char::to_lowercase).collect();
            slug.replace(' ', "-") == anchor
        })
}
