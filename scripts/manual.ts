import { description, name, version } from "../package.json";
import { exitCode } from "../src/failure.ts";
import { documented } from "./option-table.ts";

/** A line of running text that mdoc will not take for a request, nor a backslash for an escape. */
const text = (line: string) => line.replaceAll("\\", "\\e").replace(/^[.']/, "\\&$&");

const sentence = (phrase: string) => `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;

/** Break what mandoc's lint finds too long, which is running text. */
const wrap = (page: string) =>
  page.replaceAll(/^[^.].{80,}$/gm, (line) =>
    line
      .replaceAll(/(.{1,80})(?: |$)/g, "$1\n")
      .trimEnd()
      .replaceAll(/^[.']/gm, "\\&$&"),
  );

/** The manual page, in mdoc(7). */
export function manualPage(): string {
  const items = documented.map(({ name, letter, value, description }) => {
    const short = letter ? `Fl ${letter}${value ? ` Ar ${value}` : ""} , ` : "";
    return `.It ${short}Fl -${name}${value ? ` Ns = Ns Ar ${value}` : ""}\n${text(sentence(description))}\n`;
  });
  return wrap(`.\\" Made by scripts/generate.ts from src/command.ts.
.Dd November 23, 2026
.Dt S6-TCPSERVER-SOCKETBINDER 8
.Os
.Sh NAME
.Nm ${name}
.Nd ${description.charAt(0).toLowerCase()}${description.slice(1)}
.Sh SYNOPSIS
.Nm
.Op Fl d | D
.Op Fl b Ar backlog
.Op Fl M | m
.Op Fl B
.Op Ar long options
.Ar ip
.Ar port
.Ar prog...
.Sh DESCRIPTION
.Nm
creates a TCP socket, or a UDP socket with
.Fl m ,
binds it to
.Ar ip
and
.Ar port ,
listens on it, and then executes
.Ar prog
with the socket as its standard input.
.Ar prog
replaces
.Nm
in the same process: apart from the socket it finds everything as it was, such as
its environment, other descriptors, limits and signals.
.Pp
.Ar ip
is an IPv4 or IPv6 address; host names are not looked up.
.Sq 0.0.0.0
means all IPv4 addresses,
.Sq ::
all IPv6 addresses, and with
.Fl -dual-stack
both.
A link-local address takes an interface, by name or index:
.Sq fe80::1%eth0 .
.Ar port
is a number; with 0 the kernel chooses a free port, which
.Fl -report-fd
and
.Fl -report-file
tell.
.Pp
.Ar prog
is looked for in
.Ev PATH
unless it contains a slash.
A script needs an interpreter line: there is no fallback to a shell.
.Pp
Options come first: the first argument without a leading
.Sq -
is
.Ar ip ,
as is a lone
.Sq - ,
or whatever follows
.Sq -- .
Letters may be clustered, and a later option overrides an earlier one that says otherwise.
The value of a long option follows
.Sq = ,
or is the next argument.
The options are as follows:
.Bl -tag -width indent
${items.join("")}.El
.Sh ENVIRONMENT
.Bl -tag -width LISTEN_FDNAMES
.It Ev PATH
Where to look for
.Ar prog .
If it is not set,
.Sq /usr/bin:/bin .
.It Ev LISTEN_PID , LISTEN_FDS , LISTEN_FDNAMES
With
.Fl -listen-fds ,
read and set for
.Ar prog .
What another process was meant to get is replaced.
.El
.Pp
No variable steers the runtime that the executable contains.
Those of the dynamic linker and of libc have their usual effect.
.Sh EXIT STATUS
After the exec, it is that of
.Ar prog .
Before:
.Bl -tag -width Ds
.It ${exitCode.usage}
Wrong usage.
.It ${exitCode.system}
A system call failed.
.It ${exitCode.cannotExec}
.Ar prog
cannot be executed.
.It ${exitCode.notFound}
.Ar prog
was not found.
.El
.Pp
A line on the standard error says why.
.Sh EXAMPLES
A server that is written for a listening socket as its standard input, on port 80,
as an ordinary user:
.Bd -literal -offset indent
${name} 0.0.0.0 80 \\e
  s6-applyuidgid -u 33 -g 33 myserver
.Ed
.Pp
A UDP server:
.Bd -literal -offset indent
${name} -B -m -b0 ::1 69 in.tftpd -s /srv/tftp
.Ed
.Pp
A
.Pa run
script of an s6 service whose
.Pa notification-fd
contains 3:
.Bd -literal -offset indent
#!/bin/execlineb -P
${name} --report-fd=3 :: 8080 myserver
.Ed
.Pp
Two sockets for a server that knows
.Ev LISTEN_FDS :
.Bd -literal -offset indent
${name} --listen-fds --fd-name=http :: 80 \\e
  ${name} --listen-fds --fd-name=https :: 443 \\e
  myserver
.Ed
.Sh SEE ALSO
.Xr bind 2 ,
.Xr execve 2 ,
.Xr listen 2 ,
.Xr socket 2 ,
.Xr ip 7 ,
.Xr ipv6 7 ,
.Xr socket 7 ,
.Xr tcp 7 ,
.Xr udp 7
.Sh STANDARDS
The options with a letter, the messages and the exit codes are those of the program of the same name in
.Lk https://skarnet.org/software/s6-networking/ s6-networking .
.Sh CAVEATS
A UDP socket cannot listen: always give
.Fl b0
along with
.Fl m .
.Pp
The socket is non-blocking unless
.Fl B
is given; many programs that are not written for it expect a blocking one.
.Pp
This is version ${version}, built on a JavaScript runtime: it needs
memory that is writable and then executable.
`);
}
