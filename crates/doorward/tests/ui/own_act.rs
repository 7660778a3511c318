//! A host cannot declare an act that needs nothing.

use doorward::Act;

#[derive(Clone, Copy)]
struct Anything;

impl Act for Anything {
    const NEEDS: Option<doorward::access::Administration> = None;
    const NAME: &'static str = "anything";
}

fn main() {}
