"""What a browser did in the help centre, until nothing can change it and nobody is found by it any more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0006_words_by_beginning'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('began_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('helped_at', models.DateTimeField(null=True)),
                ('complained_at', models.DateTimeField(null=True)),
                ('language', models.CharField(max_length=10)),
                ('article_code', models.CharField(max_length=60)),
                ('category_code', models.CharField(blank=True, max_length=40)),
                ('pos', models.BigIntegerField(null=True, unique=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('digest', ''), _negated=True), fields=['digest'], name='knowledge_reading_word'), models.Index(condition=models.Q(('pos__isnull', True)), fields=['began_at'], name='knowledge_reading_unsettled')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('digest', ''), ('pos__isnull', False)), models.Q(models.Q(('digest', ''), _negated=True), ('pos__isnull', True)), _connector='OR'), name='knowledge_readingsession_settled_is_nobodys')],
            },
        ),
    ]
