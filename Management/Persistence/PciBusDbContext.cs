using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PciBus.Management.Persistence;

/// <summary>
/// The single truth. Each table's mapping stands beside its entity; what holds for all of them stands here: snake case
/// columns, enums by name, times in UTC.
/// </summary>
internal sealed class PciBusDbContext : DbContext
{
    public PciBusDbContext(DbContextOptions<PciBusDbContext> options) : base(options)
    {
        // A transaction in which anything failed is rolled back whole: there is nothing to go back to within it.
        Database.AutoSavepointsEnabled = false;
    }

    /// <summary>
    /// Whether the transaction has written something: <see cref="TransactionWrites"/> says so, the code that begins one clears it.
    /// </summary>
    public bool HasWritten { get; set; }

    /// <summary>The row with this id, which must be there; it is read once per transaction.</summary>
    public async Task<T> RowAsync<T>(long id, CancellationToken cancellationToken) where T : class =>
        await FindAsync<T>([id], cancellationToken) ?? throw new InvalidOperationException($"There is no {typeof(T).Name} {id}");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PciBusDbContext).Assembly);
        CaseFolding.Map(modelBuilder, Database.IsSqlite() ? DatabaseProvider.Sqlite
            : Database.IsNpgsql() ? DatabaseProvider.PostgreSql : DatabaseProvider.SqlServer);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
            var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
            if (type.IsEnum) property.SetValueConverter(typeof(StoredNames.Converter<>).MakeGenericType(type));
            if (Database.IsSqlServer()) SqlServerText.Map(property);
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>All engines compare and sort plain UTC times; SQLite cannot do so with offsets.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        time => time.UtcDateTime,
        time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)));
}
