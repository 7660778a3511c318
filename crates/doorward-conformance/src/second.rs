//! A second process on the same storage, and what it does when it is told to.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    str::SplitAsciiWhitespace,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, SystemTime},
};

use doorward_storage::{Applied, CommitError, FullStorage, Limit, Micros};

use crate::{
    Failure, Harness,
    case::some,
    fixture::{A_SECOND, SCOPES, body, creation, key, parts, request},
};

/// Tells the lines of the kit from whatever else a process prints.
const MARK: &str = "@conformance ";

/// How long the other process may be silent before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far ahead a start is set, so that the other process hears of it in time.
const START_IN: Duration = Duration::from_millis(3);

/// Does what the process that has started this one tells it to, until that ends.
///
/// The command of [`Harness::second_process`] starts a program that opens the same storage by
/// itself and calls this. Nothing else of the program may read its standard input.
pub fn serve<H: Harness>(harness: &H, storage: &dyn FullStorage) {
    say("ready");
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.strip_prefix("flood ") {
            Some(from) => {
                let Ok(from) = from.parse::<u128>() else {
                    return;
                };
                for number in from.. {
                    let batch = parts(number).request(request(SCOPES[0], number));
                    match harness.block_on(storage.commit(batch)) {
                        Ok(_) => say(&number.to_string()),
                        Err(error) => say(&told(Err(error))),
                    }
                }
            }
            None => {
                let answer = harness.block_on(act(storage, &line));
                say(&answer.unwrap_or_else(|failure| failure.to_string()));
            }
        }
    }
}

/// The other process, seen from the case. It is killed with the value.
pub(crate) struct Second {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<String>,
}

impl Second {
    /// Starts the process, or says that the adapter has none.
    pub(crate) fn start(command: Option<Command>) -> Result<Option<Self>, Failure> {
        let Some(mut command) = command else {
            println!("skipped: `Harness::second_process` names no way to start one");
            return Ok(None);
        };
        let (input, output) = (Stdio::piped(), Stdio::piped());
        let mut child = command.stdin(input).stdout(output).spawn()?;
        let commands = some("its standard input", child.stdin.take())?;
        let output = BufReader::new(some("its standard output", child.stdout.take())?);
        let (said, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some((_, line)) = line.split_once(MARK)
                    && said.send(line.to_owned()).is_err()
                {
                    break;
                }
            }
        });
        let second = Self {
            child,
            commands,
            answers,
        };
        match second.answer()?.as_str() {
            "ready" => Ok(Some(second)),
            other => Err(Failure(format!("the second process says {other}"))),
        }
    }

    pub(crate) fn tell(&mut self, command: &str) -> Result<(), Failure> {
        writeln!(self.commands, "{command}")?;
        Ok(self.commands.flush()?)
    }

    pub(crate) fn answer(&self) -> Result<String, Failure> {
        let answer = self.answers.recv_timeout(PATIENCE);
        answer.map_err(|_| Failure("the second process does not answer".to_owned()))
    }

    /// Does one thing in both processes at one instant, and answers what each was told.
    pub(crate) async fn meet(
        &mut self,
        storage: &dyn FullStorage,
        here: &str,
        there: &str,
    ) -> Result<[String; 2], Failure> {
        let at = nanos(SystemTime::now() + START_IN);
        self.tell(&format!("at {at} {there}"))?;
        let mine = act(storage, &format!("at {at} {here}")).await?;
        Ok([mine, self.answer()?])
    }

    /// Kills the process as it stands, and answers what it had said until then.
    pub(crate) fn kill(mut self) -> Result<Vec<String>, Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.answers.iter().collect())
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does one thing that a line asks for, in either process.
async fn act(storage: &dyn FullStorage, line: &str) -> Result<String, Failure> {
    let mut words = line.split_ascii_whitespace();
    let mut what = words.next().unwrap_or_default();
    if what == "at" {
        let at = number(&mut words)?;
        while nanos(SystemTime::now()) < at {
            std::hint::spin_loop();
        }
        what = words.next().unwrap_or_default();
    }
    match what {
        "read" => {
            let found = body(storage, &key(SCOPES[1], number(&mut words)?)).await?;
            Ok(found.unwrap_or_else(|| "nothing".to_owned()))
        }
        "create" => {
            let key = key(SCOPES[1], number(&mut words)?);
            let batch = creation(key, words.next().unwrap_or_default());
            Ok(told(storage.commit(batch).await))
        }
        "send" => {
            let (asked, made) = (number(&mut words)?, number(&mut words)?);
            // Ids differ from send to send; the request does not.
            let batch = parts(made).request(request(SCOPES[0], asked));
            Ok(told(storage.commit(batch).await))
        }
        "claim" => {
            let (limit, mut ids) = (Limit::new(2)?, Vec::new());
            loop {
                let claimed = storage.claim(Micros(0), A_SECOND, limit).await?;
                if claimed.is_empty() {
                    return Ok(ids.join(" "));
                }
                ids.extend(claimed.iter().map(|it| it.message.id.as_u128().to_string()));
            }
        }
        other => Err(Failure(format!("the kit knows no `{other}`"))),
    }
}

fn told(result: Result<Applied, CommitError>) -> String {
    match result {
        Ok(Applied::Now { .. }) => "now".to_owned(),
        Ok(Applied::Before { .. }) => "before".to_owned(),
        Err(CommitError::Precondition { .. } | CommitError::UniqueTaken { .. }) => {
            "conflict".to_owned()
        }
        Err(error) => Failure::from(error).to_string().replace('\n', " "),
    }
}

fn number(words: &mut SplitAsciiWhitespace<'_>) -> Result<u128, Failure> {
    Ok(words.next().unwrap_or_default().parse()?)
}

fn nanos(instant: SystemTime) -> u128 {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_nanos()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A process that is gone hears nothing.
    let _ = out.write_all(format!("{MARK}{line}\n").as_bytes());
    let _ = out.flush();
}
