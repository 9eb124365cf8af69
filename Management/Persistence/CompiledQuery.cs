using System.Collections.Concurrent;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PciBus.Management.Persistence;

/// <summary>A query that is translated once for each engine; a compiled query of EF Core knows only one engine.</summary>
/// <param name="compile">Calls <c>EF.CompileAsyncQuery</c>.</param>
internal sealed class CompiledQuery<TDelegate>(Func<TDelegate> compile) where TDelegate : Delegate
{
    private readonly ConcurrentDictionary<IModel, TDelegate> _compiled = new();

    public TDelegate On(PciBusDbContext database) => _compiled.GetOrAdd(database.Model, static (_, compile) => compile(), compile);
}

/// <summary>A compiled query that reads one row or value by one argument.</summary>
internal sealed class CompiledQuery<TArgument, TResult>(Expression<Func<PciBusDbContext, TArgument, CancellationToken, TResult>> query)
{
    private readonly CompiledQuery<Func<PciBusDbContext, TArgument, CancellationToken, Task<TResult>>> _query =
        new(() => EF.CompileAsyncQuery(query));

    public Task<TResult> ReadAsync(PciBusDbContext database, TArgument argument, CancellationToken cancellationToken) =>
        _query.On(database)(database, argument, cancellationToken);
}

/// <summary>A compiled query that reads rows or values by one argument.</summary>
internal sealed class CompiledList<TArgument, TRow>(Expression<Func<PciBusDbContext, TArgument, IQueryable<TRow>>> query)
{
    private readonly CompiledQuery<Func<PciBusDbContext, TArgument, IAsyncEnumerable<TRow>>> _query =
        new(() => EF.CompileAsyncQuery(query));

    public ValueTask<List<TRow>> ReadAsync(PciBusDbContext database, TArgument argument, CancellationToken cancellationToken) =>
        _query.On(database)(database, argument).ToListAsync(cancellationToken);
}
