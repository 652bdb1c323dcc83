//! `${...}` in the texts of steps, as far as it is known when a scenario is read: loop variables and `${path}`.

use super::error::LoadErrorKind;
use crate::plan::{Template, TemplateError};

/// The loop variables in force, innermost last.
pub(super) type Loops = Vec<(String, String)>;

/// Puts the values of loop variables, and the target for `${path}`, into `text`. What is left is a template.
pub(super) fn expand(
    text: &str,
    loops: &Loops,
    path: Option<&str>,
) -> Result<String, LoadErrorKind> {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("$$") {
            done.push_str("$$");
            rest = &rest[2..];
        } else if let Some(after) = rest.strip_prefix("${") {
            let (name, after) =
                after.split_once('}').ok_or_else(|| TemplateError::Unclosed(text.to_owned()))?;
            match (value(name, loops)?, path) {
                (Some(value), _) => done.push_str(&value.replace('$', "$$")),
                (None, Some(path)) if name == "path" => done.push_str(path),
                (None, _) => done.push_str(&format!("${{{name}}}")),
            }
            rest = after;
        } else {
            done.push('$');
            rest = &rest[1..];
        }
    }
    done.push_str(rest);
    Ok(done)
}

/// The text that is left when all is known; a variable in it is a mistake.
pub(super) fn settled(text: &str, loops: &Loops) -> Result<String, LoadErrorKind> {
    let template = Template::read(&expand(text, loops, None)?)?;
    template.fill(|_| None).map_err(|variable| LoadErrorKind::NotKnownYet(variable.to_owned()))
}

/// The value of `x`, `x+1` or `x-1`, if `x` is a loop variable.
fn value(expression: &str, loops: &Loops) -> Result<Option<String>, LoadErrorKind> {
    let split = expression.find(['+', '-']).unwrap_or(expression.len());
    let (name, change) = expression.split_at(split);
    let Some((_, value)) = loops.iter().rev().find(|(known, _)| known == name) else {
        return Ok(None);
    };
    if change.is_empty() {
        return Ok(Some(value.clone()));
    }
    let (sign, constant) = change.split_at(1);
    let reckon = || {
        let number: u64 = value.parse().ok()?;
        let constant: u64 = constant.parse().ok()?;
        if sign == "+" { number.checked_add(constant) } else { number.checked_sub(constant) }
    };
    let number = reckon().ok_or_else(|| LoadErrorKind::Arithmetic(expression.to_owned()))?;
    Ok(Some(number.to_string()))
}

/// Whether `name` can be the name of a session or a variable.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && ![
            "host",
            "base",
            "prefix",
            "path",
            "application",
            "maximum-upload-size",
            "over-maximum-upload-size",
        ]
        .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loops() -> Loops {
        vec![("x".into(), "10".into()), ("w".into(), "a$b".into())]
    }

    #[test]
    fn loop_variables_are_put_in_and_reckoned_with() {
        assert_eq!(expand("${x}-${x+9}, ${x-1}", &loops(), None), Ok("10-19, 9".into()));
        assert_eq!(
            expand("${x-11}", &loops(), None),
            Err(LoadErrorKind::Arithmetic("x-11".into()))
        );
        assert_eq!(expand("${w+1}", &loops(), None), Err(LoadErrorKind::Arithmetic("w+1".into())));
    }

    #[test]
    fn other_variables_stay() {
        assert_eq!(expand("${y-1}$$ $x", &loops(), None), Ok("${y-1}$$ $x".into()));
        assert_eq!(expand("<${path}>", &loops(), Some("${base}f")), Ok("<${base}f>".into()));
        assert_eq!(settled("${y}", &loops()), Err(LoadErrorKind::NotKnownYet("y".into())));
    }

    #[test]
    fn a_dollar_in_a_value_is_no_variable() {
        assert_eq!(settled("${w}", &loops()), Ok("a$b".into()));
    }

    #[test]
    fn the_innermost_loop_counts() {
        let mut loops = loops();
        loops.push(("x".into(), "7".into()));
        assert_eq!(settled("${x}", &loops), Ok("7".into()));
    }
}
