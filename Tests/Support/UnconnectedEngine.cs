using System.Collections;
using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using PciBus.Management.Persistence;
using PciBus.Tests.Persistence;

namespace PciBus.Tests.Support;

/// <summary>An engine without a server: EF Core translates for it up to the command, which is never executed.</summary>
internal sealed class UnconnectedEngine
{
    private static readonly MethodInfo Compile = typeof(IDatabase).GetMethod(nameof(IDatabase.CompileQuery))!;

    private readonly DatabaseOptions _options;
    private readonly DbContextOptions<PciBusDbContext> _contextOptions;

    private UnconnectedEngine(DatabaseProvider provider, string connectionString)
    {
        _options = new DatabaseOptions(provider, connectionString);
        var builder = new DbContextOptionsBuilder<PciBusDbContext>();
        _options.Configure(builder);
        builder.AddInterceptors(NoConnection.Instance, NoTransaction.Instance, NoExecution.Instance);
        _contextOptions = builder.Options;
    }

    public static IReadOnlyList<UnconnectedEngine> All { get; } =
    [
        new(DatabaseProvider.PostgreSql, "Host=nowhere.invalid;Database=pcibus"),
        new(DatabaseProvider.SqlServer, "Server=nowhere.invalid;Database=pcibus"),
    ];

    public static UnconnectedEngine SqlServer { get; } = All.Single(engine => engine.Provider == DatabaseProvider.SqlServer);

    public DatabaseProvider Provider => _options.Provider;

    /// <summary>The commands that were translated so far.</summary>
    public ConcurrentBag<string> Commands { get; } = [];

    public PciBusDbContext Open() => new(_contextOptions);

    /// <summary>Translates a query of another engine's model down to its command.</summary>
    /// <exception cref="InvalidOperationException">
    /// This engine cannot do it, or what it came to on SQL Server is not its language or names what is not there; the message names the part.
    /// </exception>
    public void Translate(Expression query)
    {
        using var database = Open();
        var rerooted = new Rerooting(database.Model).Visit(query);
        var parameters = new QueryParameters();
        parameters.Visit(rerooted);
        var executor = (Delegate)Compile.MakeGenericMethod(ResultOf(rerooted.Type))
            .Invoke(database.GetService<IDatabase>(), [rerooted, false])!;
        var context = database.GetService<IQueryContextFactory>().Create();
        foreach (var (name, type) in parameters.Found) context.Parameters[name] = SampleValue.Of(type);
        var text = NotExecutedException.TextOf(() =>
        {
            if (executor.DynamicInvoke(context) is IEnumerable rows) rows.GetEnumerator().MoveNext();
        });
        Commands.Add(text);
        if (Provider == DatabaseProvider.SqlServer && SqlServerQueries.Problems(text) is [var problem, ..]) throw new InvalidOperationException(problem);
    }

    private static Type ResultOf(Type query) => query.IsGenericType && query.IsAssignableTo(typeof(IQueryable))
        ? typeof(IEnumerable<>).MakeGenericType(query.GetGenericArguments()[0])
        : query;

    /// <summary>Puts the entities of this model in the place of the other's.</summary>
    private sealed class Rerooting(Microsoft.EntityFrameworkCore.Metadata.IModel model) : ExpressionVisitor
    {
        protected override Expression VisitExtension(Expression node) => node is EntityQueryRootExpression root
            ? new EntityQueryRootExpression(model.FindEntityType(root.EntityType.ClrType)!)
            : base.VisitExtension(node);
    }

    private sealed class QueryParameters : ExpressionVisitor
    {
        public Dictionary<string, Type> Found { get; } = [];

        protected override Expression VisitExtension(Expression node)
        {
            if (node is QueryParameterExpression parameter) Found[parameter.Name] = parameter.Type;
            return node is EntityQueryRootExpression or QueryParameterExpression ? node : base.VisitExtension(node);
        }
    }
}
