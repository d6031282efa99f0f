/** Texts up to here need one byte for their length, whatever they hold. */
const SHORT = 42;

/** Puts the body of a record together: a kind, then numbers and texts. One serves for all records, one after the other. */
export class RecordWriter {
  /** The body is in `bytes` up to `length`. */
  bytes = Buffer.alloc(256);
  length = 0;

  begin(kind: number): this {
    this.length = 0;
    return this.int(kind);
  }

  /** A whole number, negative or not, of at most 52 bits; small ones take one byte. */
  int(value: number): this {
    return this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  float(value: number): this {
    this.reserve(8);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
    return this;
  }

  text(text: string): this {
    this.reserve(text.length * 3 + 10);
    if (text.length > SHORT) {
      this.unsigned(Buffer.byteLength(text));
      this.length += this.bytes.write(text, this.length);
      return this;
    }
    const { bytes, length } = this;
    let size = this.ascii(text, length + 1);
    if (size < 0) size = bytes.write(text, length + 1);
    bytes[length] = size;
    this.length = length + 1 + size;
    return this;
  }

  /** Most label values are short and plain; calling out of JavaScript for them would take longer than to copy them. */
  private ascii(text: string, at: number): number {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return -1;
      this.bytes[at + i] = code;
    }
    return text.length;
  }

  private unsigned(value: number): this {
    this.reserve(8);
    while (value > 0x7f) {
      this.bytes[this.length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.length++] = value;
    return this;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(wider);
    this.bytes = wider;
  }
}
