/** What each run fills in, and all others only read. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
