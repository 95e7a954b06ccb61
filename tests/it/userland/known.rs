//! What the userland in the sandbox does otherwise than the system's tools on this machine, and why: each line picks the
//! cases of a file that hold a text, all of which must differ. Knows no answer.

use super::cases::Case;

/// The file, what the case holds, the reason.
const KNOWN: &[(&str, &str, &str)] = &[
    ("snippets/builtins", "test -f /etc/passwd", IMAGE),
    ("snippets/errors", "/etc/passwd", IMAGE),
    ("snippets/posix_builtins", "cd /usr/../tmp", IMAGE),
    ("snippets/said_arrays", "-s /etc/passwd", IMAGE),
    ("snippets/said_scripts", ">/etc; echo", IMAGE),
    ("snippets/said_shell", "echo o > /dev/stdout", "the output is a file, which Linux opens anew"),
    ("text/tests/cases/find", "-maxdepth 1 -xdev -name proc", IMAGE),
    ("snippets/more", "CDPATH=/usr cd bin", IMAGE),
    ("snippets/more", "-f /etc/passwd", IMAGE),
    ("snippets/more", "find /etc/passwd", IMAGE),
    ("text/tests/cases/patch", "patch -o out a.txt p", "GNU patch keeps what `-o` names to its owner"),
    ("text/tests/cases/patch", "diff -u /dev/null fruit", "devices are from the year 2000"),
    ("tools/tests/cases/data", "gzip -l big.gz", "the file is another packer's"),
    ("tools/tests/cases/files", "chmod 4755 a; cp -p a c", "modes above 0777 are not kept"),
];

const IMAGE: &str = "there are no files of an image, and no /proc";

/// Why a case is known to differ.
pub fn reason(case: &Case) -> Option<&'static str> {
    KNOWN.iter().find(|(file, holds, _)| *file == case.file && case.text.contains(holds)).map(|(_, _, reason)| *reason)
}
