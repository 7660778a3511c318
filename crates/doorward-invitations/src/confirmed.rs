//! Confirmation: a person pressed a button.

/// Proof that a person confirmed: a link was opened *and* its form was sent.
///
/// Mail scanners and previews open links, so a GET never accepts or declines (ASVS 6.5.1, design 5).
/// Hosts make this value in the handler of a POST, behind their CSRF guard, and nowhere else.
///
/// ```
/// use doorward_invitations::Confirmed;
/// fn handle_post() -> Confirmed {
///     Confirmed::by_post()
/// }
/// # let _ = handle_post();
/// ```
#[derive(Debug)]
pub struct Confirmed(());

impl Confirmed {
    /// Returns the proof. Call it where a POST is handled, never where a GET is.
    #[must_use]
    pub const fn by_post() -> Self {
        Self(())
    }
}
