//! Entries as a file of Apache Parquet: a table that DuckDB, pandas, Spark and others read column by column.
//!
//! Times are `TIMESTAMP(NANOS, UTC)`, lines `INT64`, all other columns `STRING`, and `JSON` where one holds all fields; what an
//! entry does not have is null. A row group is sent when it is full, so that no more than one is in memory.

use std::borrow::Cow;
use std::sync::Arc;

use model::entry::Entry;
use model::time::Precision;
use model::written::cells;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// A row group is full with so much text, or so many rows: some ten milliseconds to write.
const GROUP_BYTES: usize = 4 << 20;
const GROUP_ROWS: usize = 20_000;

pub struct EntriesFile {
    writer: SerializedFileWriter<Vec<u8>>,
    /// Of the row group that is not yet written.
    columns: Vec<Column>,
    n_rows: usize,
    n_bytes: usize,
}

struct Column {
    name: String,
    values: Values,
    /// Of each row 1, or 0 where it has no value.
    definition_levels: Vec<i16>,
}

/// Those that are there.
enum Values {
    Times(Vec<i64>),
    Lines(Vec<i64>),
    Texts(Vec<ByteArray>),
}

impl EntriesFile {
    /// `names`: as [`column_names`](model::written::column_names) gives them.
    pub fn new(names: &[&str]) -> Self {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            values: match *name {
                "time" => Values::Times(Vec::new()),
                "line" => Values::Lines(Vec::new()),
                _ => Values::Texts(Vec::new()),
            },
            definition_levels: Vec::new(),
        };
        let columns: Vec<Column> = names.iter().map(column).collect();
        let fields = columns.iter().map(|column| Arc::new(column.field())).collect();
        let schema = Type::group_type_builder("entries").with_fields(fields).build();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by("Dendro".to_owned());
        let schema = Arc::new(schema.expect("fields of one level"));
        let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()));
        Self { writer: writer.expect(INTO_MEMORY), columns, n_rows: 0, n_bytes: 0 }
    }

    pub fn add(&mut self, entry: &Entry, path: &str, chosen: &[Cow<'_, str>]) {
        for (column, cell) in self.columns.iter_mut().zip(cells(entry, path, chosen)) {
            let is_there = match &mut column.values {
                Values::Times(_) if entry.precision == Precision::Undated => false,
                Values::Times(times) => {
                    times.push(entry.key.time.0);
                    true
                }
                Values::Lines(lines) => {
                    lines.push(i64::try_from(entry.first_line).unwrap_or(i64::MAX));
                    true
                }
                Values::Texts(_) if cell.is_empty() => false,
                Values::Texts(texts) => {
                    self.n_bytes += cell.len();
                    texts.push(cell.into_bytes().into());
                    true
                }
            };
            column.definition_levels.push(i16::from(is_there));
        }
        self.n_rows += 1;
    }

    /// What is next in the file, when a row group is full.
    pub fn part(&mut self) -> Option<Vec<u8>> {
        if self.n_bytes < GROUP_BYTES && self.n_rows < GROUP_ROWS {
            return None;
        }
        self.write_group().expect(INTO_MEMORY);
        self.writer.flush().expect(INTO_MEMORY);
        Some(std::mem::take(self.writer.inner_mut()))
    }

    /// What is left, and the footer.
    pub fn last_part(mut self) -> Vec<u8> {
        if self.n_rows > 0 {
            self.write_group().expect(INTO_MEMORY);
        }
        self.writer.into_inner().expect(INTO_MEMORY)
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let mut writer = group.next_column()?.expect("one for each field");
            let levels = Some(column.definition_levels.as_slice());
            match &mut column.values {
                Values::Times(numbers) | Values::Lines(numbers) => {
                    writer.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                    numbers.clear();
                }
                Values::Texts(texts) => {
                    writer.typed::<ByteArrayType>().write_batch(texts, levels, None)?;
                    texts.clear();
                }
            }
            writer.close()?;
            column.definition_levels.clear();
        }
        group.close()?;
        (self.n_rows, self.n_bytes) = (0, 0);
        Ok(())
    }
}

/// Why nothing fails: columns are as the schema says, and there is no disk to be full.
const INTO_MEMORY: &str = "written into memory";

impl Column {
    fn field(&self) -> Type {
        let (physical, logical) = match self.values {
            Values::Times(_) => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS))),
            Values::Lines(_) => (PhysicalType::INT64, None),
            Values::Texts(_) if self.name == "fields" => (PhysicalType::BYTE_ARRAY, Some(LogicalType::Json)),
            Values::Texts(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(&self.name, physical);
        field
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .expect("a logical type of its physical one")
    }
}
