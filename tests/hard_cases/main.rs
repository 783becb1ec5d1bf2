//! The cases that a table reader gets wrong first, each read and written: from files to attributes, and from a new
//! value of an attribute back into the file, through the gate, and read again.

mod addresses;
mod carried;
mod containers;
mod postgres;
mod products;
mod run;
mod spring;
mod versions;
