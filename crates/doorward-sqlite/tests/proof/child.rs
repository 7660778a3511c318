//! A second process: this test binary, started again for the same test.
//!
//! The child finds its part in an environment variable, reads commands from its standard input and
//! answers on its standard output, a line each. The mark tells its lines from those of the test
//! harness.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{self, Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};

const PART: &str = "DOORWARD_PROOF_PART";
const MARK: &str = "@proof ";

/// How long a child may be silent before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the part of a child, where this process is one.
pub(crate) fn part<T: DeserializeOwned>() -> Option<T> {
    let part = env::var(PART).ok()?;
    Some(serde_json::from_str(&part).unwrap())
}

/// Says a line to the parent; it is with the parent once this returns.
pub(crate) fn say(line: &impl Serialize) {
    let text = format!("{MARK}{}\n", serde_json::to_string(line).unwrap());
    // A longer line is no single write to a pipe, and a killed child could leave half of it.
    assert!(text.len() <= 4_096, "{text}");
    let mut out = std::io::stdout().lock();
    // A parent that is gone hears nothing.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Reads the next command of the parent, `None` when it is gone.
pub(crate) fn hear<T: DeserializeOwned>() -> Option<T> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(serde_json::from_str(&line).unwrap()),
    }
}

/// Ends this process once the parent is gone, however that came; for a child that hears nothing
/// more.
pub(crate) fn end_with_the_parent() {
    thread::spawn(|| {
        let _ = hear::<()>();
        process::exit(0);
    });
}

/// A child, ended with this value.
pub(crate) struct Second {
    child: Child,
    commands: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Second {
    /// Starts this binary again for the test of this path, with its part.
    pub(crate) fn start(test: &str, part: &impl Serialize) -> Self {
        Self::start_in(Command::new(env::current_exe().unwrap()), test, part)
    }

    /// Starts it by a command that ends in the name of this binary.
    pub(crate) fn start_in(mut command: Command, test: &str, part: &impl Serialize) -> Self {
        // Test names begin below the crate.
        let test = test.split_once("::").map_or(test, |(_, below)| below);
        let mut child = command
            .args(["--exact", test, "--nocapture", "--include-ignored"])
            .env(PART, serde_json::to_string(part).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, answers) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, line)) = line.split_once(MARK)
                    && said.send(line.to_owned()).is_err()
                {
                    break;
                }
            }
        });
        Self {
            commands: child.stdin.take(),
            child,
            answers,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn tell(&mut self, command: &impl Serialize) {
        let mut line = serde_json::to_vec(command).unwrap();
        line.push(b'\n');
        let commands = self.commands.as_mut().unwrap();
        commands.write_all(&line).unwrap();
        commands.flush().unwrap();
    }

    /// Returns what the child says next.
    pub(crate) fn answer<T: DeserializeOwned>(&self) -> T {
        let line = self.answers.recv_timeout(PATIENCE);
        let line = line.expect("the child is alive and answers");
        serde_json::from_str(&line).unwrap()
    }

    /// The same, where the child has as much to do as a long test.
    pub(crate) fn answer_of_many_rounds<T: DeserializeOwned>(&self) -> T {
        let line = self.answers.recv_timeout(PATIENCE * 30);
        let line = line.expect("the child is alive and answers");
        serde_json::from_str(&line).unwrap()
    }

    /// Kills the child as it stands (SIGKILL), and returns what it had said until then.
    pub(crate) fn kill<T: DeserializeOwned>(mut self) -> Vec<T> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let rest = self.answers.iter();
        rest.map(|line| serde_json::from_str(&line).unwrap())
            .collect()
    }

    /// Waits until the child has come to its own end, and tells whether that was a good one.
    pub(crate) fn end(mut self) -> bool {
        self.commands = None;
        self.child.wait().unwrap().success()
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
