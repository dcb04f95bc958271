// @ts-check
/** Reads the plain part of YAML 1.2: mappings and lists, as blocks or in brackets, texts, and comments. The rest is refused, with its line. */

/** @typedef {{ line: number, map?: Map<string, Node>, list?: Node[], text?: string, plain?: boolean }} Node */

const DEEPEST = 8, LONGEST_LINE = 4000;
const ESCAPES = /** @type {Record<string, string>} */ ({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", 0: "\0", " ": " ", '"': '"', "/": "/", "\\": "\\" });

/** What cannot be read, and in which line. */
export class Unreadable extends Error {
  /** @param {string} code @param {number} line @param {Record<string, any>} [values] */
  constructor(code, line, values = {}) {
    super(`line ${line}: ${code}`);
    Object.assign(this, { code, line, values: { ...values, line } });
  }
}

/** @param {string} text @returns {Node | null} */
export const readYaml = (text) => new Reader(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n")).document();

class Reader {
  /** @param {string} text */
  constructor(text) { Object.assign(this, { text, at: 0 }); }

  text = "";
  at = 0;
  counted = 0;
  lines = 1;

  get line() {
    for (; this.counted < this.at; this.counted++) if (this.text[this.counted] === "\n") this.lines++;
    return this.lines;
  }
  get next() { return this.text[this.at] ?? "\n"; }
  get column() { return this.at - (this.text.lastIndexOf("\n", this.at - 1) + 1); }
  get ended() { return this.at >= this.text.length; }

  /** @param {string} code @param {Record<string, any>} [values] @returns {never} */
  refuse(code, values) { throw new Unreadable(code, this.line, values); }

  document() {
    const long = this.text.split("\n").findIndex((line) => line.length > LONGEST_LINE);
    if (long >= 0) throw new Unreadable("long_line", long + 1, { most: LONGEST_LINE });
    this.toContent();
    if (this.text.startsWith("---", this.at) && this.column === 0) {
      this.at += 3;
      this.endLine();
      this.toContent();
    }
    if (this.ended) return null;
    const node = this.block(0, 0);
    this.toContent();
    return this.ended ? node : this.refuse("layout");
  }

  /** Go to the next thing that is said, over empty lines and comments. */
  toContent() {
    for (;;) {
      while (this.next === " ") this.at++;
      if (this.next === "#") this.toLineEnd();
      if (this.next === "\t" && !this.ended) this.refuse("tab");
      if (this.next !== "\n" || this.ended) return;
      this.at++;
    }
  }

  toLineEnd() { while (this.next !== "\n") this.at++; }

  /** Nothing more but a comment may stand in a line. */
  endLine() {
    const begin = this.at;
    while (this.next === " ") this.at++;
    if (this.next === "#" && this.at > begin) this.toLineEnd();
    if (this.next !== "\n") this.refuse("layout");
  }

  isItem() { return this.next === "-" && /[ \n]/.test(this.text[this.at + 1] ?? "\n"); }

  /** A list, a mapping or a value that begins here. @param {number} least column @param {number} depth @returns {Node} */
  block(least, depth) {
    const column = this.column, { line } = this;
    if (column < least) this.refuse("layout");
    if (depth > DEEPEST) this.refuse("deep");
    if (this.isItem()) return { line, list: this.items(column, depth) };
    const first = this.value(true, depth);
    if (first.text !== undefined && this.isColon()) return { line, map: this.pairs(first, column, depth) };
    this.endLine();
    return first;
  }

  isColon() { return /^ *:(?= |\n|$)/.test(this.text.slice(this.at, this.at + 200)); }

  /** @param {number} column @param {number} depth */
  items(column, depth) {
    const list = [];
    while (!this.ended && this.column === column && this.isItem()) {
      const { line } = this;
      this.at++;
      while (this.next === " ") this.at++;
      list.push(this.inLine() ? this.block(column + 1, depth + 1) : this.below(column + 1, line, depth));
      this.toContent();
    }
    if (!this.ended && this.column > column) this.refuse("layout");
    return list;
  }

  /** Whether something is said in the rest of the line. */
  inLine() { return this.next !== "\n" && this.next !== "#"; }

  /** What stands in the lines below; nothing, where they belong to something else. @param {number} least @param {number} line @param {number} depth @returns {Node} */
  below(least, line, depth) {
    this.toContent();
    return !this.ended && this.column >= least ? this.block(least, depth + 1) : { line, text: "", plain: true };
  }

  /** @param {Node} first name @param {number} column @param {number} depth */
  pairs(first, column, depth) {
    const map = new Map();
    for (let name = first; ;) {
      const { line } = name, key = name.text ?? this.refuse("layout");
      if (map.has(key)) this.refuse("twice", { key });
      if (!this.isColon()) this.refuse("layout");
      this.at = this.text.indexOf(":", this.at) + 1;
      while (this.next === " ") this.at++;
      if (this.inLine()) {
        map.set(key, this.value(true, depth));
        this.endLine();
      } else {
        this.toContent();
        map.set(key, this.below(this.isItem() ? column : column + 1, line, depth));
      }
      this.toContent();
      if (this.ended || this.column < column) return map;
      if (this.column > column || this.isItem()) this.refuse("layout");
      name = this.value(true, depth);
    }
  }

  /** A text, or something in brackets. @param {boolean} block @param {number} depth @returns {Node} */
  value(block, depth) {
    const { line, next } = this;
    if (next === "{" || next === "[") return this.brackets(next, depth + 1);
    if (next === '"' || next === "'") return { line, text: this.quoted(next), plain: false };
    if (/[&*!|>%@`?]/.test(next) || (next === "-" && /[ \n]/.test(this.text[this.at + 1] ?? "\n"))) this.refuse("sign", { sign: next });
    const rest = this.text.slice(this.at, this.text.indexOf("\n", this.at) < 0 ? undefined : this.text.indexOf("\n", this.at));
    const end = rest.search(block ? /\s+#|\s*:(?=\s|$)|\s*$/ : /\s+#|\s*:(?=[\s,[\]{}]|$)|\s*[,[\]{}]|\s*$/);
    this.at += end;
    return { line, text: rest.slice(0, end), plain: true };
  }

  /** @param {string} mark */
  quoted(mark) {
    let text = "";
    for (this.at++; ; this.at++) {
      if (this.next === "\n") this.refuse("quote");
      if (this.next === mark) {
        this.at++;
        if (mark === '"' || this.next !== "'") return text;
        text += "'";
      } else if (mark === '"' && this.next === "\\") {
        const [whole, hex] = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/i.exec(this.text.slice(this.at, this.at + 10)) ?? ["", ""], sign = this.text[this.at + 1];
        if (whole) {
          const code = parseInt(hex ?? whole.slice(2), 16);
          text += whole.length === 6 ? String.fromCharCode(code) : code <= 0x10ffff ? String.fromCodePoint(code) : this.refuse("quote");
          this.at += whole.length - 1;
        } else {
          text += Object.hasOwn(ESCAPES, sign) ? ESCAPES[sign] : this.refuse("quote");
          this.at++;
        }
      } else text += this.next;
    }
  }

  /** @param {string} open @param {number} depth @returns {Node} */
  brackets(open, depth) {
    const { line } = this, close = open === "{" ? "}" : "]", map = new Map(), list = /** @type {Node[]} */ ([]);
    if (depth > DEEPEST) this.refuse("deep");
    this.at++;
    for (this.toContent(); this.next !== close; this.toContent()) {
      if (this.ended || this.next === ",") throw new Unreadable("bracket", line);
      const one = this.value(false, depth);
      this.toContent();
      if (open === "[") list.push(one);
      else {
        const key = one.text ?? this.refuse("layout");
        if (this.next !== ":") this.refuse("colon", { key });
        if (map.has(key)) this.refuse("twice", { key });
        this.at++;
        this.toContent();
        map.set(key, /[,}]/.test(this.next) ? { line: this.line, text: "", plain: true } : this.value(false, depth));
        this.toContent();
      }
      if (this.next === ",") this.at++;
      else if (this.next !== close) throw new Unreadable("bracket", line);
    }
    this.at++;
    return open === "[" ? { line, list } : { line, map };
  }
}
