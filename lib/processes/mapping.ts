import { loadAtRuntime } from '../model/load-at-runtime.js';
import { mappedBuffers } from '../store/store.js';

/**
 * Maps `length` bytes of an open file from `offset` on, shared with all readers of the file. Both are multiples of the
 * page size. The mapping lasts as long as the process: nothing may outlive memory that is unmapped.
 */
export type MapFile = (fd: number, offset: number, length: number) => ArrayBuffer;

const READ_AND_WRITE = 3;
const SHARED = 1;
/** What mmap returns when it fails: all bits are set. */
const FAILED = 0xffffffffffffffffn;

let known: { readonly map: MapFile | undefined } | undefined;

/** Returns how this runtime maps files, or undefined if it cannot: Node without koffi, or a program without the permission. */
export function mapFile(): MapFile | undefined {
  known ??= { map: marked(attempt(mapInBun) ?? attempt(mapInDeno) ?? attempt(mapByKoffi)) };
  return known.map;
}

function attempt(find: () => MapFile | undefined): MapFile | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function marked(map: MapFile | undefined): MapFile | undefined {
  if (map === undefined) return undefined;
  return (fd, offset, length) => {
    const buffer = map(fd, offset, length);
    mappedBuffers.add(buffer);
    return buffer;
  };
}

/** What is used of koffi. */
interface Koffi {
  load(path: string | null): { func(prototype: string): (...args: readonly unknown[]) => unknown };
  view(pointer: unknown, length: number): ArrayBuffer;
  address(pointer: unknown): bigint;
}

function mapByKoffi(): MapFile | undefined {
  if (process.platform === 'win32') return undefined;
  const koffi = loadAtRuntime('koffi', import.meta.url) as Koffi;
  const offsets = process.platform === 'linux' ? 'mmap64' : 'mmap';
  const library = koffi.load(null);
  const prototype = (name: string) =>
    `void *${name}(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)`;
  // musl has no name of its own for the call with 64-bit offsets.
  const mmap = attemptCall(() => library.func(prototype(offsets))) ?? library.func(prototype('mmap'));
  return (fd, offset, length) => {
    const pointer = mmap(null, length, READ_AND_WRITE, SHARED, fd, offset);
    if (koffi.address(pointer) === FAILED) throw new Error('mmap failed.');
    return koffi.view(pointer, length);
  };
}

function attemptCall<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/** What is used of `bun:ffi`. */
interface BunFfi {
  dlopen(
    path: string,
    symbols: { mmap: { args: readonly string[]; returns: string } },
  ): { symbols: { mmap(...args: readonly unknown[]): number } };
  toArrayBuffer(pointer: number, offset: number, length: number): ArrayBuffer;
}

function mapInBun(): MapFile | undefined {
  if (!('Bun' in globalThis)) return undefined;
  const { dlopen, toArrayBuffer } = loadAtRuntime('bun:ffi', import.meta.url) as BunFfi;
  const args = ['ptr', 'u64', 'i32', 'i32', 'i32', 'i64'];
  const { mmap } = dlopen(libc(), { mmap: { args, returns: 'ptr' } }).symbols;
  return (fd, offset, length) => {
    const pointer = mmap(null, length, READ_AND_WRITE, SHARED, fd, offset);
    if (pointer === null || pointer < 0 || pointer >= 2 ** 63) throw new Error('mmap failed.');
    return toArrayBuffer(pointer, 0, length);
  };
}

/** What is used of Deno's foreign functions. */
interface DenoFfi {
  dlopen(
    path: string,
    symbols: { mmap: { parameters: readonly string[]; result: string } },
  ): { symbols: { mmap(...args: readonly unknown[]): unknown } };
  UnsafePointer: { value(pointer: unknown): bigint };
  UnsafePointerView: { getArrayBuffer(pointer: unknown, length: number): ArrayBuffer };
}

function mapInDeno(): MapFile | undefined {
  const { Deno: deno } = globalThis as { Deno?: DenoFfi };
  if (deno === undefined) return undefined;
  const parameters = ['pointer', 'usize', 'i32', 'i32', 'i32', 'i64'];
  const { mmap } = deno.dlopen(libc(), { mmap: { parameters, result: 'pointer' } }).symbols;
  return (fd, offset, length) => {
    const pointer = mmap(null, BigInt(length), READ_AND_WRITE, SHARED, fd, BigInt(offset));
    if (BigInt.asUintN(64, BigInt(deno.UnsafePointer.value(pointer))) === FAILED) throw new Error('mmap failed.');
    return deno.UnsafePointerView.getArrayBuffer(pointer, length);
  };
}

/** The C library by the name that the dynamic linker finds it under. */
function libc(): string {
  return process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6';
}
