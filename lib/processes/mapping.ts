import { PromarkError } from '../model/errors.js';
import { loadAtRuntime, mappingLibrary } from '../model/load-at-runtime.js';
import type { MappedRange } from '../replica/thread-memory.js';
import type { MappableBuffer } from '../store/store.js';

/**
 * Maps `length` bytes of an open file from `offset` on, shared with all readers of the file. Both must be multiples of
 * the page size. The mapping is never removed, since views may still refer to it.
 */
export type MapFile = (fd: number, offset: number, length: number) => ArrayBuffer;

/** Memory mapping in one runtime. */
interface Mapper {
  /** Returns the address. */
  map(fd: number, offset: number, length: number): bigint;
  view(address: bigint, length: number): ArrayBuffer;
}

const READ_AND_WRITE = 3;
const SHARED = 1;
/** The return value of mmap on failure: all bits set. */
const FAILED = 0xffffffffffffffffn;

/** By the path of the mapping library. */
const mappers = new Map<string, Mapper | undefined>();

/**
 * Returns the function that maps files in this runtime, or undefined if that is not possible: in Node.js without koffi,
 * or if the program lacks the permission.
 */
export function mapFile(): MapFile | undefined {
  const mapper = mapperFor(mappingLibrary());
  if (mapper === undefined) return undefined;
  return (fd, offset, length) => {
    const address = mapper.map(fd, offset, length);
    if (BigInt.asUintN(64, address) === FAILED) throw new Error('mmap failed.');
    return Object.assign(mapper.view(address, length), { mappedAt: address } satisfies Partial<MappableBuffer>);
  };
}

/**
 * Returns a view of memory that another thread of this process has mapped. `library` is what `mappingLibrary` returned
 * there.
 */
export function viewMapped({ address, length }: MappedRange, library: string): ArrayBuffer {
  const mapper = mapperFor(library);
  if (mapper === undefined) throw new PromarkError('This thread cannot read memory mapped by another thread.');
  return mapper.view(address, length);
}

function mapperFor(library: string): Mapper | undefined {
  if (!mappers.has(library)) {
    mappers.set(library, attempt(bunMapper) ?? attempt(denoMapper) ?? attempt(() => koffiMapper(library)));
  }
  return mappers.get(library);
}

function attempt<T>(find: () => T | undefined): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** The part of koffi's API that is used. */
interface Koffi {
  load(path: string | null): { func(prototype: string): (...args: readonly unknown[]) => unknown };
  view(pointer: unknown, length: number): ArrayBuffer;
  address(pointer: unknown): bigint;
}

function koffiMapper(path: string): Mapper | undefined {
  if (process.platform === 'win32') return undefined;
  const koffi = loadAtRuntime(path, import.meta.url) as Koffi;
  const offsets = process.platform === 'linux' ? 'mmap64' : 'mmap';
  const library = koffi.load(null);
  const prototype = (name: string) =>
    `void *${name}(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)`;
  // In musl, `mmap` itself takes 64-bit offsets.
  const mmap = attempt(() => library.func(prototype(offsets))) ?? library.func(prototype('mmap'));
  return {
    map: (fd, offset, length) => koffi.address(mmap(null, length, READ_AND_WRITE, SHARED, fd, offset)),
    view: (address, length) => koffi.view(address, length),
  };
}

/** The part of `bun:ffi` that is used. */
interface BunFfi {
  dlopen(
    path: string,
    symbols: { mmap: { args: readonly string[]; returns: string } },
  ): { symbols: { mmap(...args: readonly unknown[]): number | bigint } };
  toArrayBuffer(pointer: number, offset: number, length: number): ArrayBuffer;
}

function bunMapper(): Mapper | undefined {
  if (!('Bun' in globalThis)) return undefined;
  const { dlopen, toArrayBuffer } = loadAtRuntime('bun:ffi', import.meta.url) as BunFfi;
  const args = ['ptr', 'u64', 'i32', 'i32', 'i32', 'i64'];
  const { mmap } = dlopen(libc(), { mmap: { args, returns: 'i64' } }).symbols;
  return {
    map: (fd, offset, length) => BigInt(mmap(null, length, READ_AND_WRITE, SHARED, fd, offset)),
    view: (address, length) => toArrayBuffer(Number(address), 0, length),
  };
}

/** The part of Deno's FFI that is used. */
interface DenoFfi {
  dlopen(
    path: string,
    symbols: { mmap: { parameters: readonly string[]; result: string } },
  ): { symbols: { mmap(...args: readonly unknown[]): unknown } };
  UnsafePointer: { value(pointer: unknown): bigint; create(address: bigint): unknown };
  UnsafePointerView: { getArrayBuffer(pointer: unknown, length: number): ArrayBuffer };
}

function denoMapper(): Mapper | undefined {
  const { Deno: deno } = globalThis as { Deno?: DenoFfi };
  if (deno === undefined) return undefined;
  const parameters = ['pointer', 'usize', 'i32', 'i32', 'i32', 'i64'];
  const { mmap } = deno.dlopen(libc(), { mmap: { parameters, result: 'pointer' } }).symbols;
  return {
    map: (fd, offset, length) =>
      BigInt(deno.UnsafePointer.value(mmap(null, BigInt(length), READ_AND_WRITE, SHARED, fd, BigInt(offset)))),
    view: (address, length) => deno.UnsafePointerView.getArrayBuffer(deno.UnsafePointer.create(address), length),
  };
}

/** The name under which the dynamic linker finds the C library. */
function libc(): string {
  return process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6';
}
