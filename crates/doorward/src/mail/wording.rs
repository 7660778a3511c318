//! The wording of mails: plain text, replaceable by the host.

use doorward_types::{DisplayName, EmailAddress};
use secrecy::{ExposeSecret, SecretString};
use time::{
    OffsetDateTime, format_description::StaticFormatDescription, macros::format_description,
};

use super::notice::Template;

/// What a mail can say.
#[derive(Debug)]
#[non_exhaustive]
pub struct Letter<'a> {
    /// What it is about.
    pub template: Template,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Whom it greets, if the name is known.
    pub name: Option<&'a DisplayName>,
    /// The host's product.
    pub product: &'a DisplayName,
    /// For whom it speaks.
    pub tenant: Option<&'a DisplayName>,
    /// Until when what it holds can be used, in UTC.
    pub expires_at: Option<OffsetDateTime>,
    /// The link to follow: the portal's address, or one with a token after `#` (ASVS 14.2.1).
    pub link: &'a SecretString,
    /// The temporary password or PIN, where that is what it brings.
    pub secret: Option<&'a SecretString>,
}

/// The subject and text of a mail. The text may hold a secret, so it redacts itself.
#[derive(Debug)]
pub struct Wording {
    /// One line, without secrets.
    pub subject: String,
    /// Plain text.
    pub text: SecretString,
}

/// Finds the words of a mail. A host implements it for its own languages and style.
pub trait Words: Send + Sync + 'static {
    /// Returns the subject and the text. Names come from outside: they belong into the text, not
    /// into the subject, where spam would be sent under the host's name.
    fn compose(&self, letter: &Letter<'_>) -> Wording;
}

/// Short English letters.
///
/// Instants are written in UTC and say so.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainEnglish;

impl Words for PlainEnglish {
    fn compose(&self, letter: &Letter<'_>) -> Wording {
        let (subject, body) = sentences(letter);
        let greeting = letter
            .name
            .map_or_else(|| "Hello,".to_owned(), |name| format!("Dear {name},"));
        let mut text = format!("{greeting}\n\n{body}\n");
        if let Some(secret) = letter.secret {
            text.push_str(&format!("\n    {}\n", secret.expose_secret()));
        }
        if wants_link(letter.template) {
            text.push_str(&format!("\n{}\n", letter.link.expose_secret()));
        }
        if let Some(expires_at) = letter.expires_at {
            text.push_str(&format!(
                "\nThis can be used until {}.\n",
                until(expires_at)
            ));
        }
        text.push_str(&format!("\n{}\n", letter.product));
        Wording {
            subject,
            text: SecretString::from(text),
        }
    }
}

const fn wants_link(template: Template) -> bool {
    match template {
        Template::Activation
        | Template::AddressChangeAsked
        | Template::AddressProof
        | Template::ChangeProposed
        | Template::GrantAdded
        | Template::Invitation
        | Template::InvitationReminder
        | Template::LoginLink
        | Template::PasswordReset
        | Template::TemporaryPassword => true,
        Template::AccountChanged
        | Template::AddressChanged
        | Template::InvitationDeclined
        | Template::PasswordChanged
        | Template::TelephonyPin => false,
    }
}

fn sentences(letter: &Letter<'_>) -> (String, String) {
    let product = letter.product;
    let tenant = letter.tenant.unwrap_or(product);
    let (subject, body) = match letter.template {
        Template::AccountChanged => (
            "Your account was changed",
            format!(
                "your account was changed: its status, how it is signed in to, or what it is \
                 called. If you did not expect that, tell {tenant}."
            ),
        ),
        Template::Activation => (
            "Set your password",
            format!(
                "an account was made for you at {tenant}. Follow this link to set its password."
            ),
        ),
        Template::AddressChangeAsked => (
            "Your e-mail address is about to change",
            "somebody asked to replace this address by another. If that was not you, follow this \
             link within 72 hours and nothing changes."
                .to_owned(),
        ),
        Template::AddressChanged => (
            "Your e-mail address was changed",
            "another address now signs in in place of this one.".to_owned(),
        ),
        Template::AddressProof => (
            "Confirm your e-mail address",
            "follow this link to confirm that this address is yours.".to_owned(),
        ),
        Template::ChangeProposed => (
            "Confirm a change to your account",
            format!("{tenant} proposes a change to your account. Sign in to accept or refuse it."),
        ),
        Template::GrantAdded => (
            "You can see one more person's information",
            format!("{tenant} has given you access to one more person's information."),
        ),
        Template::Invitation => (
            "You are invited",
            format!("{tenant} invites you to join. Follow this link to accept or decline."),
        ),
        Template::InvitationDeclined => (
            "An invitation was declined",
            format!("somebody you invited to {tenant} has declined."),
        ),
        Template::InvitationReminder => (
            "Your invitation is about to expire",
            format!("{tenant} has invited you to join. Follow this link to accept or decline."),
        ),
        Template::LoginLink => (
            "Where to sign in",
            format!("this is the address at which you sign in to {tenant}."),
        ),
        Template::PasswordChanged => (
            "Your password was changed",
            format!(
                "the password of your account was changed. If that was not you, tell {tenant}."
            ),
        ),
        Template::PasswordReset => (
            "Set a new password",
            "follow this link to set a new password. If you did not ask for it, do nothing."
                .to_owned(),
        ),
        Template::TelephonyPin => (
            "Your PIN for the telephone",
            format!(
                "this is your PIN for the telephone line of {tenant}. It replaces any earlier one."
            ),
        ),
        Template::TemporaryPassword => (
            "Your temporary password",
            format!(
                "this password signs you in to {tenant} once, to set a password of your own. It \
                 replaces any earlier one."
            ),
        ),
    };
    (format!("{product}: {subject}"), body)
}

const UNTIL: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

fn until(instant: OffsetDateTime) -> String {
    instant
        .format(UNTIL)
        .unwrap_or_else(|_| instant.to_string())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn letter<'a>(
        template: Template,
        to: &'a EmailAddress,
        product: &'a DisplayName,
        link: &'a SecretString,
    ) -> Letter<'a> {
        let expires_at = Some(datetime!(2026-12-22 10:00 UTC));
        Letter {
            template,
            to,
            name: None,
            product,
            tenant: None,
            expires_at,
            link,
            secret: None,
        }
    }

    #[test]
    fn an_invitation_names_its_link_and_its_end_in_utc() {
        let to = EmailAddress::new("ana@example.org").unwrap();
        let product = DisplayName::new("Care Portal").unwrap();
        let link = SecretString::from("https://portal.example.org/accept#dw1_abc");
        let wording = PlainEnglish.compose(&letter(Template::Invitation, &to, &product, &link));
        let text = wording.text.expose_secret();
        assert!(
            text.contains("https://portal.example.org/accept#dw1_abc"),
            "{text}"
        );
        assert!(text.contains("until 2026-12-22 10:00 UTC"), "{text}");
        assert_eq!(wording.subject, "Care Portal: You are invited");
    }

    #[test]
    fn no_subject_holds_a_secret_or_a_name() {
        let to = EmailAddress::new("ana@example.org").unwrap();
        let product = DisplayName::new("Care Portal").unwrap();
        let name = DisplayName::new("Win a prize at spam.example").unwrap();
        let link = SecretString::from("dw1_secret");
        let secret = SecretString::from("abcdefgh23456789");
        for template in [
            Template::Invitation,
            Template::TemporaryPassword,
            Template::TelephonyPin,
        ] {
            let mut letter = letter(template, &to, &product, &link);
            letter.name = Some(&name);
            letter.secret = Some(&secret);
            let subject = PlainEnglish.compose(&letter).subject;
            assert!(
                !subject.contains("prize") && !subject.contains("secret"),
                "{subject}"
            );
            assert!(!subject.contains("abcdefgh"), "{subject}");
        }
    }
}
