//! A week at Harbor Home Care.

use doorward_examples::world::Failure;

pub(super) async fn live() -> Result<(), Failure> {
    Ok(())
}
