//! Links: where a mailed token is brought back to.

use doorward_types::{Purpose, Token};
use secrecy::{ExposeSecret, SecretString};

/// The portal's address, from which links are built. The token stands after `#`: no server log, no
/// referrer and no proxy sees it (ASVS 14.2.1).
///
/// Pages are `accept`, `activate`, `reset`, `prove`, `stop` and `new-password` below the address.
#[derive(Clone, Debug)]
pub struct Links {
    portal: String,
}

impl Links {
    /// Wraps the portal's address, such as `https://portal.example.org`.
    #[must_use]
    pub fn new(portal: impl Into<String>) -> Self {
        let mut portal = portal.into();
        portal.truncate(portal.trim_end_matches('/').len());
        Self { portal }
    }

    /// Returns the address of the login page.
    #[must_use]
    pub fn login(&self) -> SecretString {
        SecretString::from(self.portal.clone())
    }

    /// Returns the link that brings this token back.
    #[must_use]
    pub fn to(&self, token: &Token) -> SecretString {
        let page = match token.purpose {
            Purpose::Invitation => "accept",
            Purpose::Activation => "activate",
            Purpose::PasswordReset => "reset",
            Purpose::AddressProof => "prove",
            Purpose::AddressStop => "stop",
            Purpose::NewPassword | Purpose::TemporaryPassword | Purpose::TelephonyPin => {
                "new-password"
            }
        };
        SecretString::from(format!(
            "{}/{page}#{}",
            self.portal,
            token.to_text().expose_secret()
        ))
    }

    /// Returns the host of the portal: what the Message-ID of a mail ends in.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self
            .portal
            .split_once("://")
            .map_or(self.portal.as_str(), |(_, rest)| rest);
        rest.split(['/', ':'])
            .next()
            .filter(|host| !host.is_empty())
            .unwrap_or("localhost")
    }
}

#[cfg(test)]
mod tests {
    use doorward_types::{Generation, Scope, TokenSecret};

    use super::*;

    #[test]
    fn a_link_holds_its_token_after_the_fragment_sign() {
        let token = Token {
            purpose: Purpose::Invitation,
            scope: Scope::Directory,
            record: uuid::Uuid::nil(),
            generation: Generation::FIRST,
            secret: TokenSecret::new([1; 32]),
        };
        let link = Links::new("https://portal.example.org/").to(&token);
        let text = link.expose_secret();
        assert!(
            text.starts_with("https://portal.example.org/accept#dw1_"),
            "{text}"
        );
        assert!(!text.split_once('#').unwrap().0.contains("dw1_"));
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        assert_eq!(
            Links::new("https://portal.example.org:8443/x").host(),
            "portal.example.org"
        );
        assert_eq!(
            Links::new("portal.example.org").host(),
            "portal.example.org"
        );
    }
}
