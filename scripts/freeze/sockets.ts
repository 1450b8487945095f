/** The sockets of the fixed machine, and the rules for them: socket(2), bind(2), getsockopt(2), getsockname(2). */

import type { Call } from "./call.ts";
import type { OpenFile } from "./files.ts";
import {
  ENOTCONN,
  ENOTSOCK,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_STREAM,
  SOCK_TYPE_MASK,
  SO_PROTOCOL,
} from "./linux.ts";
import type { Machine } from "./machine.ts";

/** A socket that a rehearsal begins with. */
export interface Socket {
  readonly protocol: number;
  /** What it is bound to: struct sockaddr. */
  readonly name: Buffer;
  /** What is said of any other of its options. */
  readonly option?: number;
  readonly isConnected?: boolean;
}

/** The sockets among the open files. */
export class Sockets {
  readonly #sockets = new WeakMap<OpenFile, Socket>();
  #port = 0;

  /** The port for a socket that asks for any. It is never the same, since the engine remembers the texts of numbers. */
  nextPort(): number {
    this.#port = 10_000 + ((this.#port + 7919) % 50_000);
    return this.#port;
  }

  get(file: OpenFile): Socket | undefined {
    return this.#sockets.get(file);
  }

  set(file: OpenFile, socket: Socket): void {
    this.#sockets.set(file, socket);
  }
}

/** @returns the lowest free descriptor, which is the socket's from now on. */
export function openSocket({ files, sockets }: Machine, socket: Socket): number {
  const descriptor = files.open("socket");
  sockets.set(files.get(descriptor)!, socket);
  return descriptor;
}

export function socket(call: Call, machine: Machine): number {
  const usual = (call.int(1) & SOCK_TYPE_MASK) === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return openSocket(machine, { protocol: call.int(2) || usual, name: Buffer.alloc(16) });
}

export function bind(file: OpenFile, call: Call, { sockets }: Machine): number {
  const name = call.bytes(1, call.argument(2));
  if (name.readUInt16BE(2) === 0) name.writeUInt16BE(sockets.nextPort(), 2);
  return withSocket(file, sockets, (socket) => (sockets.set(file, { ...socket, name }), 0));
}

export function getsockopt(file: OpenFile, call: Call, { sockets }: Machine): number {
  return withSocket(file, sockets, ({ protocol, option = 1 }) => {
    const value = Buffer.alloc(4);
    value.writeInt32LE(call.int(2) === SO_PROTOCOL ? protocol : option);
    call.put(3, value);
    return 0;
  });
}

export function getsockname(file: OpenFile, call: Call, { sockets }: Machine): number {
  return withSocket(file, sockets, ({ name }) => (call.put(1, name), 0));
}

export function getpeername(file: OpenFile, _: Call, { sockets }: Machine): number {
  return withSocket(file, sockets, ({ isConnected }) => (isConnected ? 0 : -ENOTCONN));
}

function withSocket(file: OpenFile, sockets: Sockets, rule: (socket: Socket) => number): number {
  const socket = sockets.get(file);
  return socket ? rule(socket) : -ENOTSOCK;
}
