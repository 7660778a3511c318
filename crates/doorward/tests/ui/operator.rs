//! The operator's handle is neither made nor copied by a host.

use doorward::{Doorward, Operator};

fn forge() -> Operator {
    Operator(())
}

fn copy(door: &Doorward) -> Operator {
    let operator = door.operator();
    operator.clone()
}

fn main() {}
